"""Where the cycles of a run go: by function, line, operator, phase, interrupt and cause."""
