# Nobody on the way may answer for an address of updates.
def make_exe():
    exe = default_python_distribution().to_python_executable(name = "words")
    exe.update(key = "acme.pub", url = "http://example.org/latest.json")
    return exe

register_target("exe", make_exe)
resolve_targets()
