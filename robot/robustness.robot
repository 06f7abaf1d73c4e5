*** Settings ***
Documentation       The watchdog, the board's rules, and repeatable runs.
Resource            facet.resource
Test Setup          Power On The Board


*** Test Cases ***
A Normal Run Breaks No Rule Of The Board
    The Device Makes 3 Decisions
    The Command "interval 1000" Succeeds
    The Device Makes 3 Decisions
    No Rule Of The Board Is Broken    strict=True

Two Runs Give The Same Output
    Show A Drawn surprised Face
    The Device Makes 2 Decisions
    A Second Run Gives The Same Output

The Watchdog Restarts A Device That Hangs
    Make The Function app::Device::Classify Hang
    The Board Restarts Within 60s Because Of watchdog
    Repair The Flash
    Show A Drawn happy Face
    The Device Says happy
