"""The module that Robot Framework's ``Library    FacetLibrary`` imports."""

from facet.robot import FacetLibrary

__all__ = ["FacetLibrary"]
