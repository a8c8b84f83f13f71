# /// script
# dependencies = ["numpy", "shapely"]
# ///
import os
import sys

import numpy as np
import shapely

assert np.linalg.det(np.eye(3)) == 1 and shapely.Point(0, 0).buffer(1).area > 3
maps = {line.split(maxsplit=5)[5].strip() for line in open("/proc/self/maps") if line.count(" ") > 4 and "/" in line}
libraries = sorted(path for path in maps if ".so" in path and not path.startswith(("/usr/lib", "/lib")))
cache = os.environ.get("XDG_CACHE_HOME")
print(bool(libraries), all(path.startswith(cache) and os.path.exists(path) for path in libraries) or libraries)
