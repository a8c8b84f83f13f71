# The key is a file of the project.
def make_exe():
    exe = default_python_distribution().to_python_executable(name = "words")
    exe.update(key = "acme.pub", url = "https://example.org/latest.json")
    return exe

register_target("exe", make_exe)
resolve_targets()
