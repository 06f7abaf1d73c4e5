"""`python -m benchmarks` measures the simulator's speed."""

from benchmarks.run import main

if __name__ == "__main__":
    main()
