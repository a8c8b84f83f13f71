def make():
    return FileManifest()

register_target("install", make)
resolve_targets()
