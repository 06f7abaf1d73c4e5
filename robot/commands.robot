*** Settings ***
Documentation       One-line commands over the serial line, and their answers.
Resource            facet.resource
Test Setup          Power On The Board
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
    Show A Drawn happy Face
    The Device Says happy
    It Says Nothing For 60s
    The Device Says happy

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

A Line Of Noise Does Not Deafen The Device
    Send 200 Bytes Of Noise
    Asked For "version" It Answers With firmware
