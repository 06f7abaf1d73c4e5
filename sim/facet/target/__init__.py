"""What a scenario runs against: the simulated board, with what can be asked of it."""
