*** Settings ***
Documentation       Real faces, if the data set is present: FER+ by its majority rule.
Resource            facet.resource
Test Setup          Power On The Board
Test Teardown       No Broken Rule Was Reported    strict=True


*** Variables ***
${FERPLUS}      ${CURDIR}/../../shared/data/fer2013_train_public.npz


*** Test Cases ***
Faces Of FER+ Are Recognised
    [Documentation]    facet-small reaches 86 % on the whole split. Of 100 frames the standard error is
    ...    sqrt(0.86 * 0.14 / 100) = 3.5 %; three standard errors are allowed.
    At Least 75 Percent Of 100 Faces Of ${FERPLUS} Are Recognised
