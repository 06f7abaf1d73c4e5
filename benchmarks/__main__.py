"""`python -m benchmarks` measures and writes."""

from benchmarks.run import main

if __name__ == "__main__":
    main()
