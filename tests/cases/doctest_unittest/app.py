"""
>>> double(4)
8
>>> double('é')
'éé'
"""

import doctest
import unittest


def double(x):
    """
    >>> double(2)
    4
    """
    return x * 2


class TestDouble(unittest.TestCase):
    def test_double(self):
        self.assertEqual(double(3), 6)

    def test_log(self):
        with self.assertLogs("x", "INFO") as logs:
            import logging

            logging.getLogger("x").info("hi")
        self.assertEqual(logs.output, ["INFO:x:hi"])


results = doctest.testmod(verbose=False)
assert results == (0, 3), results
program = unittest.main(exit=False, verbosity=0)
assert program.result.wasSuccessful() and program.result.testsRun == 2
print("ok")
