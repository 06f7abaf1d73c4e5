"""PlatformIO's GoogleTest runner, with the GoogleTest that the system has (libgtest-dev)."""

from platformio.test.runners.googletest import GoogletestTestRunner


class CustomTestRunner(GoogletestTestRunner):  # type: ignore[misc]  # PlatformIO has no types
    """`pio test` looks for this name; nothing is fetched from PlatformIO's registry."""

    EXTRA_LIB_DEPS = None
