"""The pins of each chip and what they can carry; for the chips' models and for board files."""
