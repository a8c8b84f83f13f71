# /// script
# dependencies = ["numpy"]
# ///
import os

import numpy as np

assert np.linalg.det(np.eye(3)) == 1
maps = open("/proc/self/maps").read()
print("memory" if "/memfd:" in maps else "cache" if os.environ["XDG_CACHE_HOME"] in maps else maps)
