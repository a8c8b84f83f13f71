# The names as PyOxidizer's documentation heads them.
def make_files():
    return starlark_tugger.FileManifest()

register_target("files", make_files)
resolve_targets()
