# /// script
# dependencies = ["setuptools==80.9.0", "APScheduler==3.9.1", "zope.event==5.0", "zope.interface==7.2"]
# ///
"""setuptools' pkg_resources, as packages of its day use it: versions, plug-ins, files, namespaces."""

import sys
import warnings

# The lines of zope's .pth files have run: no word on stderr, and its folder is one package.
import zope

assert "pkg_resources" not in sys.modules, "nobody asked for it"
(portion,) = zope.__path__
assert portion.endswith("site-packages/zope"), portion
warnings.filterwarnings("ignore", "pkg_resources is deprecated|Deprecated call to")
import pkg_resources

names = {distribution.project_name for distribution in pkg_resources.working_set}
assert {"APScheduler", "setuptools", "zope.event", "zope.interface", "pytz"} <= names, names
(found, *needed) = pkg_resources.require("apscheduler")
assert (found.project_name, found.version) == ("APScheduler", "3.9.1") and "six" in {d.key for d in needed}
assert found.location.endswith("site-packages") and found.has_metadata("entry_points.txt")
assert pkg_resources.get_distribution("zope-event").version == "5.0"
try:
    pkg_resources.require("APScheduler>=4")
except pkg_resources.VersionConflict as error:
    assert error.dist is found, error
else:
    raise AssertionError("3.9.1 is not 4")
try:
    pkg_resources.require("no-such-thing")
except pkg_resources.DistributionNotFound as error:
    assert error.req.name == "no-such-thing"

# Plug-ins, asked for directly and by a package that lives on them.
triggers = {point.name: point for point in pkg_resources.iter_entry_points("apscheduler.triggers")}
assert triggers["interval"].load().__name__ == "IntervalTrigger", triggers
from apscheduler.schedulers.background import BackgroundScheduler

job = BackgroundScheduler(timezone="UTC").add_job(print, "interval", seconds=7)
assert "0:00:07" in str(job.trigger), job.trigger

# Files of a package, and of its metadata.
assert pkg_resources.resource_exists("zope.interface", "common/io.py")
assert "collections.py" in pkg_resources.resource_listdir("zope.interface", "common")
text = pkg_resources.resource_string("zope.interface", "common/io.py")
with open(pkg_resources.resource_filename("zope.interface", "common/io.py"), "rb") as file:
    assert file.read() == text and b"IRawIOBase" in text
assert "Name: zope.interface" in pkg_resources.get_distribution("zope.interface").get_metadata("METADATA")

# A namespace package in the way before PEP 420.
pkg_resources.declare_namespace("zope")
import zope.event
import zope.interface

assert zope.event.subscribers == [] and list(zope.__path__) == [portion]
print("ok")
