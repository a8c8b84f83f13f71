"""Some random kernels, the same ones each time. Hours of others: ``cargo xtask fuzz kernels``."""

import subprocess
import unittest
from pathlib import Path

from fuzzing.runner import here


class Differential(unittest.TestCase):
    def test_random_kernels_do_what_cpython_does(self) -> None:
        folder = Path(__file__).parent
        bootstrap = (
            f"import sys, runpy; sys.path.insert(0, {str(folder)!r});"
            "sys.argv[1:] = ['--programs', '2500', '--seed', '1', '--failures', '3'];"
            "runpy.run_module('fuzzing', run_name='__main__')"
        )
        done = subprocess.run(
            [*here(), "-c", bootstrap], capture_output=True, text=True, cwd=folder, check=False
        )
        self.assertEqual(done.returncode, 0, done.stdout[-8000:] + done.stderr)


if __name__ == "__main__":
    unittest.main()
