"""Evaluation over many frames: accuracy, confusion matrix and cycle cost."""
