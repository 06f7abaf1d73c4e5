*** Settings ***
Documentation       The device recognises emotions.
Resource            facet.resource
Test Setup          Power On The Board
Test Teardown       No Broken Rule Was Reported    strict=True


*** Test Cases ***
Happy Faces Are Recognised
    At Least 80 Percent Of 10 Drawn happy Faces Are Recognised

Sad Faces Are Recognised
    At Least 80 Percent Of 10 Drawn sad Faces Are Recognised

Angry Faces Are Recognised
    At Least 80 Percent Of 10 Drawn angry Faces Are Recognised

Surprised Faces Are Recognised
    At Least 80 Percent Of 10 Drawn surprised Faces Are Recognised

Neutral Faces Are Recognised
    At Least 80 Percent Of 10 Drawn neutral Faces Are Recognised

A Face Is Recognised In Half The Light
    Show A Drawn happy Face    light_percent=50
    The Device Says happy
