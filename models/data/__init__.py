"""Data sets for training: splits, soft labels from votes, augmentation, batches."""
