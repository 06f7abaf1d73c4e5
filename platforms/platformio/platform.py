"""PlatformIO's view of the boards here: no packages, no frameworks, nothing to download."""

from platformio.platform.base import PlatformBase


class FacetPlatform(PlatformBase):  # type: ignore[misc]
    """The toolchains are the system's; boards are in boards/."""

    def is_embedded(self) -> bool:
        """The environment `native`, alone, runs its tests on the host."""
        return False
