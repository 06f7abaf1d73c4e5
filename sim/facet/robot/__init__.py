"""Keywords for Robot Framework: sentences about a device on a simulated or real board.

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
