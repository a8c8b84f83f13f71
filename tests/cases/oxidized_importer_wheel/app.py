# /// script
# dependencies = ["markupsafe", "setuptools<81"]
# ///
"""A wheel's extension module out of the app's own index, and `pkg_resources` beside it."""

import importlib.metadata
import sys
import warnings
from pathlib import Path

import oxidized_importer as o

# Found where the sealed file has it, then forgotten there.
site = Path(importlib.metadata.distribution("markupsafe").locate_file(""))
collector = o.OxidizedResourceCollector(allowed_locations=["in-memory"])
for resource in o.find_resources_in_path(site):
    if "markupsafe" in repr(resource).lower():
        collector.add_in_memory(resource)
resources, files = collector.oxidize()
assert not files
finder = o.OxidizedFinder()
finder.add_resources(resources)
packed = o.OxidizedFinder()
packed.index_bytes(finder.serialize_indexed_resources())
sys.meta_path.insert(0, packed)
sys.path_hooks.insert(0, packed.path_hook)

import markupsafe
from markupsafe import _speedups

assert _speedups.__loader__ is packed and not hasattr(_speedups, "__file__")
assert markupsafe._escape_inner is _speedups._escape_inner
print(markupsafe.escape("<b>"), type(importlib.metadata.distribution("markupsafe")).__name__)

warnings.simplefilter("ignore")
import pkg_resources

provider = pkg_resources.get_provider("markupsafe")
assert isinstance(provider, o.OxidizedPkgResourcesProvider), provider
assert provider.get_metadata("METADATA").startswith("Metadata-Version")
found = list(pkg_resources.find_distributions(packed.path_hook_base_str))
print([d.project_name for d in found])
