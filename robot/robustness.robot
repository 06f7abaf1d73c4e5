*** Settings ***
Documentation       The watchdog, and the board's rules.
Resource            facet.resource
Test Setup          Power On The Board


*** Test Cases ***
A Normal Run Breaks No Rule Of The Board
    Show A Drawn happy Face
    Let It Decide 3 Times
    Tell It "interval 1000"
    Let It Decide 3 Times
    No Rule Of The Board Is Broken

A Second Run Says The Same
    Show A Drawn surprised Face
    Let It Decide 2 Times
    The Device Says The Same In A Second Run

The Watchdog Restarts A Device That Hangs
    Hang It In app::Device::Classify
    Within 60s The Board Restarts Because Of watchdog
    Mend The Flash
    Show A Drawn happy Face
    The Device Says happy
