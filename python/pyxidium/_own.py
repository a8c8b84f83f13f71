"""What a sealed file does for an argument that is not its app's (its manifest's ``own_arguments``).

Run instead of the app, without a window. An app whose packages were cut down to what it uses has
this all the same, so it may import little.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Answer the one argument on the command line; the process's exit code."""
    match sys.argv[1]:
        case "--install":
            from pyxidium import _install

            return _install.main(_install.install)
        case "--uninstall":
            from pyxidium import _install

            return _install.main(_install.uninstall)
        case "--pyxidium-starts":
            from pyxidium.update import _state

            own = _state.spec() or {}
            print(own.get("identifier"), own.get("version"))
            return 0
        case other:
            print(f"error: {other} is none of this file's own arguments", file=sys.stderr)
            return 2
