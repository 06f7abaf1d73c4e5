"""The DMA channels of the requests (RM0351, 11.3.2, the two tables of requests)."""

from __future__ import annotations

# A row for each value of CSELR.CxS and a column for each channel, 1 to 7. Requests that share a
# cell are joined by "+"; "-" stands for none.
_DMA1 = """
0 ADC1        ADC2      ADC3                DFSDM1_FLT0                  DFSDM1_FLT1 \
  DFSDM1_FLT2 DFSDM1_FLT3
1 -           SPI1_RX   SPI1_TX             SPI2_RX                      SPI2_TX \
  SAI2_A      SAI2_B
2 -           USART3_TX USART3_RX           USART1_TX                    USART1_RX \
  USART2_RX   USART2_TX
3 -           I2C3_TX   I2C3_RX             I2C2_TX                      I2C2_RX \
  I2C1_TX     I2C1_RX
4 TIM2_CH3    TIM2_UP   TIM16_CH1+TIM16_UP  -                            TIM2_CH1 \
  TIM16_CH1+TIM16_UP    TIM2_CH2+TIM2_CH4
5 TIM17_CH1+TIM17_UP    TIM3_CH3            TIM3_CH4+TIM3_UP             TIM7_UP+DAC_CH2 \
  QUADSPI     TIM3_CH1+TIM3_TRIG            TIM17_CH1+TIM17_UP
6 TIM4_CH1    -         TIM6_UP+DAC_CH1     TIM4_CH2                     TIM4_CH3 \
  -           TIM4_UP
7 -           TIM1_CH1  TIM1_CH2            TIM1_CH4+TIM1_TRIG+TIM1_COM \
  TIM15_CH1+TIM15_UP+TIM15_TRIG+TIM15_COM   TIM1_UP                      TIM1_CH3
"""

_DMA2 = """
0 -           -         ADC1                ADC2                         ADC3 \
  -           -
1 SAI1_A      SAI1_B    SAI2_A              SAI2_B                       - \
  SAI1_A      SAI1_B
2 UART5_TX    UART5_RX  UART4_TX            -                            UART4_RX \
  USART1_TX   USART1_RX
3 SPI3_RX     SPI3_TX   -                   TIM6_UP+DAC_CH1              TIM7_UP+DAC_CH2 \
  -           QUADSPI
4 SWPMI1_RX   SWPMI1_TX SPI1_RX             SPI1_TX                      - \
  LPUART1_TX  LPUART1_RX
5 TIM5_CH4+TIM5_TRIG    TIM5_CH3+TIM5_UP    -  TIM5_CH2                  TIM5_CH1 \
  I2C1_RX     I2C1_TX
6 AES_IN      AES_OUT   AES_OUT             -                            AES_IN \
  -           -
7 TIM8_CH3+TIM8_UP      TIM8_CH4+TIM8_TRIG+TIM8_COM  -  SDMMC1           SDMMC1 \
  TIM8_CH1    TIM8_CH2
"""


def _parse(controller: str, table: str) -> dict[tuple[str, int, int], tuple[str, ...]]:
    places: dict[tuple[str, int, int], tuple[str, ...]] = {}
    for row in table.strip().splitlines():
        select, *columns = row.split()
        for channel, cell in enumerate(columns, 1):
            if cell != "-":
                places[controller, channel, int(select)] = tuple(cell.split("+"))
    return places


REQUESTS = _parse("DMA1", _DMA1) | _parse("DMA2", _DMA2)
"""(controller, channel, CSELR.CxS) -> the requests that are connected."""


def place_of(request: str) -> str:
    """The connections of `request` for messages: ``DMA1 channel 7 with C7S=2``."""
    places = [
        f"{controller} channel {channel} with C{channel}S={select}"
        for (controller, channel, select), requests in REQUESTS.items()
        if request in requests
    ]
    return " or ".join(places) or "no channel"
