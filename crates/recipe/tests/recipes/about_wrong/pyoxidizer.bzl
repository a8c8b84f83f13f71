# Attributes are looked at in the line that sets them, as pyproject.toml's keys are.
def make_exe():
    dist = default_python_distribution()
    exe = dist.to_python_executable(name = "words")
    exe.file_types = ["csv"]
    exe.categories = ["office"]
    return exe

def make_deb():
    return default_python_distribution().to_python_executable(name = "words").to_deb(file_types = ["a b"])

def make_rpm():
    return default_python_distribution().to_python_executable(name = "words").to_rpm(licence = "MIT")

register_target("exe", make_exe, default = True)
register_target("deb", make_deb)
register_target("rpm", make_rpm)
resolve_targets()
