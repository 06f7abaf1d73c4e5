"""Start files for testing a firmware: board file, scenario, pytest file and CI configuration."""

from facet.scaffold.files import CI_FILES, DEFAULT_FIRMWARE, start_files

__all__ = ["CI_FILES", "DEFAULT_FIRMWARE", "start_files"]
