"""An app that names `pyxidium.compute` has it, shared library and all, in worker processes too."""

import multiprocessing
import sys
from pathlib import Path

import pyxidium.compute

assert "pyxidium.compute._compute" not in sys.modules, "loaded although nothing asked for it"


def version():
    from pyxidium.compute import _compute

    return _compute.VERSION, Path(_compute.__file__).parent == Path(pyxidium.compute.__file__).parent


if __name__ == "__main__":
    assert version()[1]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(version) == version()
    print("ok")
