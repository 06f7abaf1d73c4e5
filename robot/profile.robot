*** Settings ***
Documentation       Where the cycles of a decision go has limits of its own.
Resource            facet.resource
Test Setup          Power On The Board


*** Test Cases ***
A Decision Is Profiled Within Its Limits
    Profile The Firmware
    The Device Makes 1 Decisions
    The Phase inference Takes At Most 40000000 Cycles
    The Phase preprocess Takes At Most 60000 Cycles
    The Operator 0 Takes At Most 2000000 Cycles
    A Call Of app::FilterRowPair Takes At Most 1300 Cycles
    The Stack Of main Takes At Most 2048 Bytes
