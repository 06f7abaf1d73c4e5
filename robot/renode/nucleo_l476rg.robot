*** Settings ***
Documentation       Facet's firmware on the NUCLEO-L476RG in plain Renode.
Resource            board.resource
Test Tags           renode


*** Variables ***
${BOARD}        nucleo_l476rg
${UART}         usart2


*** Test Cases ***
It Boots And Recognises A Happy Face
    Start The Board    ${BOARD}    ${UART}    happy
    It Boots On    ${BOARD}
    It Says    happy

It Recognises A Surprised Face
    Start The Board    ${BOARD}    ${UART}    surprised
    It Says    surprised

It Sleeps And Decides Again
    Start The Board    ${BOARD}    ${UART}
    ${first} =    It Says    happy
    Wait For Line On Uart    {"event":"sleep","mode":"stop2","ms":5000}
    ${second} =    It Says    happy
    Should Be Equal    ${second}    ${first}

It Answers A Command
    Start The Board    ${BOARD}    ${UART}
    It Boots On    ${BOARD}
    Write Line To Uart    version    waitForEcho=false
    It Says    happy
    Wait For Line On Uart    {"event":"version","firmware":"0.1.0","board":"${BOARD}"
