from pathlib import Path

from lib import tool

print(tool.NAME, (Path(__file__).parent / "lib" / "data.txt").read_text().strip())
