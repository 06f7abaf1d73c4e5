"""The Robot Framework library: keywords that are sentences about a device on a desk.

*** Settings ***
Library         facet.robot.FacetLibrary    board=nucleo_l476rg
Test Setup      Power On The Board

*** Test Cases ***
A Happy Face Is Recognised
    Show A Drawn happy Face
    The Device Says happy
"""

from facet.robot.library import FacetLibrary

__all__ = ["FacetLibrary"]
