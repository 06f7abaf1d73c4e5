"""`python -m sim` is the command `facet`."""

from sim.cli import main

if __name__ == "__main__":
    main(prog_name="facet")
