# /// script
# dependencies = ["numpy==2.5.5"]
# ///
import numpy

print(numpy.arange(10).sum())
