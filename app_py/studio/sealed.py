"""Commands for a sealed file: what is in it, and whether it is as it was sealed."""

import json
from pathlib import Path
from typing import cast

import jobs
import native
import pyxidium as px
import recents
from errors import told
from shapes import Inspection


@px.command
def inspect_file(path: str) -> Inspection:
    """Look into a sealed file. Nothing of it is run."""
    path = str(Path(path).absolute())
    with told():
        contents = cast("Inspection", json.loads(native.inspect(path)))
    recents.add(path, contents["name"], "sealed")
    return contents


@px.command
def verify_file(path: str, progress: px.Progress) -> int:
    """Check every byte of a sealed file and give the number of its entries."""
    return cast("int", jobs.result(native.verify(path), progress))
