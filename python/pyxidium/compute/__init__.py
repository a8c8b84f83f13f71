"""Heavy work on Rust threads: kernels compiled from Python, and kernels ready-made.

Names are loaded when they are first used, so that ``import pyxidium.compute`` costs nearly nothing.
"""

from __future__ import annotations
