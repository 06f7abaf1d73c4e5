"""The request lines between the peripherals and the DMA controllers (RM0351 11.3.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from facet.chip.stm32l4.dma_channel import Channel
from facet.chip.stm32l4.dma_map import place_of

if TYPE_CHECKING:
    from facet.chip.stm32l4.dma import Dma


class RequestLine(NamedTuple):
    """The source of a DMA request."""

    data_register: int
    to_peripheral: bool
    on_armed: Callable[[], None] | None


class DmaRequests:
    """The request lines between the peripherals and the DMA controllers.

    Args:
        controllers: DMA1 and DMA2.
    """

    def __init__(self, controllers: Sequence[Dma]) -> None:
        self._controllers = controllers
        self._active: set[str] = set()
        self._lines: dict[str, RequestLine] = {}
        for dma in controllers:
            dma.hub = self

    def connect(
        self,
        request: str,
        data_register: int,
        *,
        to_peripheral: bool,
        on_armed: Callable[[], None] | None = None,
    ) -> None:
        """Registers the request line of a peripheral.

        Args:
            request: its name in the tables of 11.3.2, such as ``SPI1_RX``.
            data_register: the address that a channel for it must point at.
            to_peripheral: the channel writes into the register.
            on_armed: called when a channel that serves the request was enabled.
        """
        self._lines[request] = RequestLine(data_register, to_peripheral, on_armed)

    def drive(self, request: str, active: bool) -> None:
        """Raises or removes a request."""
        if active == (request in self._active):
            return
        if not active:
            self._active.discard(request)
            return
        self._active.add(request)
        if self.channel(request) is None:
            self._look_for_wrong_channel(request)
        for dma in self._controllers:
            dma.plan()

    def active_among(self, requests: tuple[str, ...]) -> bool:
        """Whether one of `requests` is raised."""
        return any(request in self._active for request in requests)

    def channel(self, request: str) -> Channel | None:
        """The enabled channel with items left that serves `request`, or None."""
        for dma in self._controllers:
            for channel in dma.channels:
                if channel.armed and not channel.mem2mem and request in channel.requests:
                    return channel
        return None

    def channel_enabled(self, channel: Channel) -> None:
        """Handles a channel that was enabled, or whose request selection was changed."""
        for request in sorted(self._active):
            if self.channel(request) is None:
                self._look_for_wrong_channel(request)
        for request in channel.requests:
            line = self._lines.get(request)
            if line is not None and line.on_armed is not None:
                line.on_armed()

    def _look_for_wrong_channel(self, request: str) -> None:
        """Reports an enabled channel that points at the register with another request selected."""
        line = self._lines.get(request)
        if line is None:
            return
        for dma in self._controllers:
            for channel in dma.channels:
                if (
                    channel.armed
                    and not channel.mem2mem
                    and channel.to_peripheral == line.to_peripheral
                    and channel.peripheral_address == line.data_register
                    and request not in channel.requests
                    and request not in channel.complaints
                ):
                    channel.complaints.add(request)
                    selected = "/".join(channel.requests) or "nothing"
                    dma.violation(
                        "dma-request-not-selected",
                        f"channel {channel.number} is set up for {request}, but "
                        f"CSELR.C{channel.number}S={channel.select} selects {selected}: "
                        f"{request} is never served; it is wired to {place_of(request)}",
                    )
