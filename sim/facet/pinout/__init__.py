"""The pins of each chip and their signals, for the chips' models and for board files."""
