"""`python -m benchmarks.accuracy` runs the programs and writes the page."""

from benchmarks.accuracy.command import main

if __name__ == "__main__":
    main()
