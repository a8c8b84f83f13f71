def make_snap():
    snap = Snap("app", "1.0", "An app", "A longer text")
    app = SnapApp()
    app.command = "bin/app"
    app.plugs = ["home", "network"]
    part = SnapPart()
    part.plugin = "dump"
    part.source = "."
    snap.apps = {"app": app}
    snap.parts = {"app": part}
    snap.base = "core22"
    builder = snap.to_builder()
    builder.add_invocation(["snap", "--destructive-mode"])
    builder.add_file_manifest(default_python_distribution().to_python_executable("app").to_file_manifest("bin"))
    return builder

register_target("snap", make_snap)
resolve_targets()
