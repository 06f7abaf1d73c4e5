"""Trained models: files, cards, and whether they fit a board."""
