*** Settings ***
Documentation       Between decisions the device sleeps, and its camera is off.
Resource            facet.resource
Test Setup          Power On The Board
Test Teardown       No Broken Rule Was Reported    strict=True


*** Variables ***
# The wake-up timer counts LSE / 16: a tick is 16 / 32768 Hz = 488 us. The crystal is within 20 ppm,
# 0.1 ms in 5 s, and the clocks take less than 0.1 ms to restart.
${TOLERANCE}    1ms


*** Test Cases ***
The Device Sleeps Between Decisions And Wakes Up On Time
    The Device Makes 3 Decisions
    The Device Sleeps Between Decisions
    The Device Wakes Up Within ${TOLERANCE} Of The Announced Time

A Long Interval Is Kept As Well
    [Documentation]    Longer than the 32 s that the wake-up timer can count at once.
    The Command "interval 90000" Succeeds
    The Device Makes 2 Decisions
    The Device Wakes Up Within ${TOLERANCE} Of The Announced Time

The Camera Is Off While The Device Sleeps
    The Device Makes 2 Decisions
    The Camera Is Off While The Device Sleeps

The Device Is Asleep Most Of The Time
    The Device Makes 1 Decisions
    The Device Sleeps At Least 50 Percent Of 60s

The Core Sleeps While The DMA Reads The Frame Out
    The Core Waits In sleep During The Read-Out
