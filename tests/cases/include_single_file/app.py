# /// script
# dependencies = []
#
# [tool.pyxidium]
# include = ["greeting.txt", "assets"]
# ///
from pathlib import Path

here = Path(__file__).parent
print((here / "greeting.txt").read_text().strip(), (here / "assets/logo.txt").read_text().strip())
