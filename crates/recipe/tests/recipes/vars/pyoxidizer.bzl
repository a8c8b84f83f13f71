release = VARS.get("release", "0") == "1"
version = VARS["version"]
print("building", version, "release" if release else "debug")
set_build_path("out/" + version)

def make_exe():
    exe = default_python_distribution().to_python_executable("app")
    exe.version = version
    exe.licenses_filename = "COPYING.txt"
    exe.write_licenses("licences.txt")
    return exe

register_target("exe", make_exe)
resolve_targets()
