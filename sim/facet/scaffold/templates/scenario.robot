*** Comments ***
Scenarios for the firmware on the simulated board. Run them with

    python -m robot --outputdir results scenario.robot

`python -m robot.libdoc FacetLibrary list` names all keywords. The variables below can be replaced
on the command line: --variable FIRMWARE:path/to/another.elf


*** Settings ***
Resource            facet.resource
Test Setup          Switch On The Board
Test Teardown       No Broken Rule Was Reported


*** Variables ***
${BOARD}        ${CURDIR}/board.toml
${FIRMWARE}     ${CURDIR}/@ROBOT_FIRMWARE@


*** Test Cases ***
The Firmware Runs For A Second And Breaks No Rule Of The Board
    Run The Board For 1s

# Examples: add the output of your firmware, and its reaction to a button:
#
# The Firmware Says Hello
#     Within 1s It Prints "hello"
#
# The Button Switches The LED On
#     Press B1 For 100ms
#     The LED LD2 Is Lit
