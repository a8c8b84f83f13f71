# /// script
# [tool.pyxidium]
# oxidized-importer = true
# interpreter.multiprocessing-start-method = "forkserver"
# ///
"""Where it is asked for, it is there before the first line, as it is in PyOxidizer's apps."""

import sys

assert sys.oxidized
finder = sys.meta_path[0]
assert type(finder).__module__.startswith("oxidized"), finder
print(finder.multiprocessing_set_start_method, finder.find_spec("json") is not None)
