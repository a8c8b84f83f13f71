def make_exe():
    dist = PythonDistribution(sha256 = "00", url = "https://example.invalid/python.tar.zst")
    exe = dist.to_python_executable("app")
    exe.packed_resources_load_mode = "binary-relative-memory-mapped:packed"
    exe.tcl_files_path = "lib"
    exe.add_python_resources(exe.pip_download(["--only-binary=:all:", "attrs"]))
    exe.add_python_resources(exe.setup_py_install("project"))
    exe.add_cargo_manifest_licensing("project/Cargo.toml")
    print(len(dist.python_resources()), can_prompt(), prompt_input("who?", default = "nobody"))
    return exe

def make_asked():
    return prompt_password("key?")

register_target("exe", make_exe)
register_target("asked", make_asked)
resolve_targets()
