"""The Cortex-M4F in Renode."""
