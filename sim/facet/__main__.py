"""`python -m facet` is the command `facet`."""

from facet.cli import main

if __name__ == "__main__":
    main(prog_name="facet")
