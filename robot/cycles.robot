*** Settings ***
Documentation       The cost of a decision, limited by [limits] of platforms/<board>.toml.
Resource            facet.resource
Test Setup          Power On The Board
Test Teardown       No Broken Rule Was Reported    strict=True


*** Test Cases ***
A Decision Stays Within The Board's Limits
    Show A Drawn angry Face
    A Decision Stays Within The Cycle Limits Of The Board
