*** Settings ***
Documentation       A failed camera is reported, and the device goes on.
Resource            facet.resource
Test Setup          Power On The Board And Wait Until It Sleeps
Test Teardown       No Broken Rule Was Reported    strict=True


*** Test Cases ***
A Missing Camera Is Reported
    Unplug The Camera
    The Command "once" Fails With camera_absent

A Sensor That Does Not Answer Is Reported
    The Camera Sensor Stops Answering
    The Command "once" Fails With camera_absent

A Frame That Never Comes Is Reported
    The Camera Stops Sending Frames
    The Command "once" Fails With camera_timeout

Each Error Is Reported And The Device Recovers
    Unplug The Camera
    The Device Reports The Error camera_absent Within 10s
    The Device Reports The Error camera_absent Within 10s
    Repair The Camera
    Show A Drawn happy Face
    The Device Says happy

A Failed Camera Is Switched Off
    The Camera Stops Sending Frames
    The Command "once" Fails With camera_timeout
    Run The Board For 100ms
    The Camera Is off
