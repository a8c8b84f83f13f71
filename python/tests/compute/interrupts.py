"""Ctrl-C as a terminal sends it, also where a shell ignores it: for tests in the background."""

import signal
import unittest


def heard(test: unittest.TestCase) -> None:
    """SIGINT raises KeyboardInterrupt until the test ends."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    test.addCleanup(signal.signal, signal.SIGINT, before)
