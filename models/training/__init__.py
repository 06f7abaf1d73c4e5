"""Training: hyperparameters, the training loop, and the pipeline from data to an int8 file."""
