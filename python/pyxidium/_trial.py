"""Run before the code of an app that updates itself, which may be the first start of a new version.

It hardly ever is, so nothing is imported before a file says so.
"""

import os
import sys

_folder, _name = os.path.split(os.path.realpath(sys.executable))
if os.path.lexists(f"{_folder}/.{_name}.update"):
    from pyxidium.update import _state

    _state.begin()
