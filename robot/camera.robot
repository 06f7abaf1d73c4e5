*** Settings ***
Documentation       A dead camera is reported and survived.
Resource            facet.resource
Test Setup          Power On The Board And Let It Fall Asleep
Test Teardown       No Rule Of The Board Is Broken


*** Test Cases ***
A Missing Camera Is Reported
    Unplug The Camera
    Told "once" It Answers With The Error camera_absent

A Sensor That Does Not Answer Is Reported
    The Camera's Sensor No Longer Answers
    Told "once" It Answers With The Error camera_absent

A Frame That Never Comes Is Reported
    The Camera No Longer Delivers Frames
    Told "once" It Answers With The Error camera_timeout

A Dead Camera Is Reported Each Time And Survived
    Unplug The Camera
    Within 10s It Reports The Error camera_absent
    Within 10s It Reports The Error camera_absent
    Mend The Camera
    Show A Drawn happy Face
    The Device Says happy

A Dead Camera Is Switched Off Again
    The Camera No Longer Delivers Frames
    Told "once" It Answers With The Error camera_timeout
    Let 100ms Pass
    The Camera Is off
