"""The one exception of this package."""


class ModelError(Exception):
    """A model that the firmware cannot take: what is wrong and what to do, in one line."""
