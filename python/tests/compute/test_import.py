"""What ``import pyxidium.compute`` costs: next to nothing until a name is used."""

import subprocess
import sys
import unittest
from pathlib import Path

SLOW = ("typing", "inspect", "ast", "dataclasses", "pyxidium.compute._compute")


class Import(unittest.TestCase):
    def test_nothing_slow_is_imported(self) -> None:
        program = f"import sys, pyxidium.compute; print([m for m in {SLOW} if m in sys.modules])"
        python = [sys.executable, *(["python"] if Path(sys.executable).name == "pyxidium" else [])]
        done = subprocess.run(
            [*python, "-S", "-c", program], capture_output=True, text=True, check=True
        )
        self.assertEqual(done.stdout, "[]\n")

    def test_the_shared_library_is_there(self) -> None:
        from pyxidium.compute import _compute

        self.assertRegex(_compute.VERSION, r"^\d+\.\d+\.\d+$")


if __name__ == "__main__":
    unittest.main()
