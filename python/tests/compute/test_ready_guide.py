"""The examples of the guide's page run, and print what they printed when it was written."""

import contextlib
import io
import re
import runpy
import tempfile
import unittest
from pathlib import Path

GUIDE = Path(__file__).parents[3] / "docs" / "compute-ready.md"

PRINTED = """\
[1, 2, 3]
[0, 2, 1]
[3, 5] [1, 2]
{1: 40.0, 2: 20.0}
5.0 2.0 9.0
[1, 3]
3.0 [1.0, 1.25]
6437b3ac38465133 0x78af5f94892f3950
True
3.0
[('Jon Smith', 0.9), ('John Smith', 0.9)]
[[0, 1], [2], [3]]
[0, 2]
[(0, 0), (1, 1)]
[1]
True
True
True
[[7.0, 11.0, 11.0], [17.0, 25.0, 23.0], [19.0, 29.0, 23.0]]
1 buy milk
3 buy bread
"""


class Guide(unittest.TestCase):
    def test_examples_run(self):
        examples = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
        self.assertEqual(len(examples), 8)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), tempfile.TemporaryDirectory() as folder:
            for number, example in enumerate(examples):
                # Kernels need a file to be read from.
                file = Path(folder, f"example_{number}.py")
                file.write_text(example)
                runpy.run_path(str(file))
        got = re.sub(r"np\.\w+\(([^()]*)\)", r"\1", printed.getvalue())
        lines = [line for line in got.splitlines() if not re.fullmatch("[0-9a-f]{16}", line)]
        self.assertEqual(lines, PRINTED.splitlines())


if __name__ == "__main__":
    unittest.main()
