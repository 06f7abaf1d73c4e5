"""Reading firmware files."""
