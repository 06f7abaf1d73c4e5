*** Settings ***
Documentation       What a decision may cost, by [limits] of platforms/<board>.toml.
Resource            facet.resource
Test Setup          Power On The Board
Test Teardown       No Rule Of The Board Is Broken


*** Test Cases ***
A Decision Stays Within The Board's Limits
    Show A Drawn angry Face
    A Decision Stays Within The Board's Limits Of Cycles
