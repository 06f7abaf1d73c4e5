*** Settings ***
Documentation       One-line commands over the serial line, and their answers.
Resource            facet.resource
Test Setup          Power On The Board And Let It Fall Asleep
Test Teardown       No Rule Of The Board Is Broken


*** Test Cases ***
The Device Introduces Itself
    Asked For "version" It Answers With firmware, board, model, model_sha256

The Device Keeps Statistics
    Show A Drawn happy Face
    Let It Decide 2 Times
    Asked For "stats" It Answers With decisions, errors, uptime_ms, interval_ms, threshold
    Told "stats" It Answers That errors Is 0

The Interval Can Be Set
    Told "interval 1500" It Answers That interval_ms Is 1500
    Told "stats" It Answers That interval_ms Is 1500
    Let It Decide 2 Times
    It Wakes On Time Within 1ms

An Interval Of Zero Means Only On Command
    Tell It "interval 0"
    It Says Nothing For 60s
    Show A Drawn happy Face
    Asked Now, The Device Says happy

The Threshold Can Be Set
    Told "threshold 100" It Answers That threshold Is 100
    Told "stats" It Answers That threshold Is 100

Malformed Commands Are Refused
    [Template]    Told "${command}" It Answers With The Error bad_command
    dance
    interval
    interval soon
    interval 499
    interval 3600001
    interval -5
    interval 99999999999999999999
    threshold 101
    once more
    { "command": "once" }

A Command That Comes During A Decision Is Answered After It
    Let 5500ms Pass
    Told "threshold 60" It Answers That threshold Is 60

Noise Does Not Deafen The Device
    Send 2000 Bytes Of Noise
    Asked For "version" It Answers With firmware
