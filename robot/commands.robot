*** Settings ***
Documentation       One-line commands over the serial line, and their answers.
Resource            facet.resource
Test Setup          Power On The Board And Wait Until It Sleeps
Test Teardown       No Broken Rule Was Reported    strict=True


*** Test Cases ***
The Device Identifies Itself
    The Command "version" Returns The Fields firmware, board, model, model_sha256

The Device Keeps Statistics
    The Device Makes 2 Decisions
    The Command "stats" Returns The Fields decisions, errors, uptime_ms, interval_ms, threshold
    The Command "stats" Returns errors = 0

The Interval Can Be Set
    The Command "interval 1500" Returns interval_ms = 1500
    The Command "stats" Returns interval_ms = 1500
    The Device Makes 2 Decisions
    The Device Wakes Up Within 1ms Of The Announced Time

With An Interval Of Zero The Device Decides Only On Command
    The Command "interval 0" Succeeds
    The Device Is Silent For 60s
    Show A Drawn happy Face
    The Device Answers happy On Command

The Threshold Can Be Set
    The Command "threshold 100" Returns threshold = 100
    The Command "stats" Returns threshold = 100

Malformed Commands Are Refused
    [Template]    The Command "${command}" Fails With bad_command
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

A Command During A Decision Is Answered After It
    Run The Board For 5500ms
    The Command "threshold 60" Returns threshold = 60

The Device Answers After Noise
    Send 2000 Bytes Of Noise
    The Command "version" Returns The Fields firmware
