*** Settings ***
Documentation       Between decisions the device sleeps, and its camera is off.
Resource            facet.resource
Test Setup          Power On The Board
Test Teardown       No Rule Of The Board Is Broken


*** Variables ***
# The wake-up timer counts LSE / 16: a tick is 16 / 32768 Hz = 488 us. The crystal is within 20 ppm,
# 0.1 ms in 5 s, and the clocks take less than 0.1 ms to come back.
${TOLERANCE}    1ms


*** Test Cases ***
The Device Sleeps Between Decisions And Wakes On Time
    Show A Drawn happy Face
    Let It Decide 3 Times
    It Sleeps Between Decisions
    It Wakes On Time Within ${TOLERANCE}

A Long Interval Is Kept As Well
    [Documentation]    Longer than the 32 s that the wake-up timer can count at once.
    Tell It "interval 90000"
    Let It Decide 2 Times
    It Wakes On Time Within ${TOLERANCE}

The Camera Is Off While The Device Sleeps
    Show A Drawn neutral Face
    Let It Decide 2 Times
    The Camera Is Off While It Sleeps

The Device Is Asleep Most Of The Time
    Show A Drawn sad Face
    Let It Decide 1 Times
    It Is Asleep For At Least 50 Percent Of 60s

The Core Sleeps While The DMA Reads The Frame Out
    Show A Drawn sad Face
    The Core Waits In sleep While A Frame Is Read Out
