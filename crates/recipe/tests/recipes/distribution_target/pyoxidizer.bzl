# As projects of 2020 have it: the distribution is a target of its own.
def make_dist():
    return default_python_distribution(python_version = "3.9")

def make_exe(dist):
    config = dist.make_python_interpreter_config()
    config.run_command = "from pyflakes.api import main; main()"
    exe = dist.to_python_executable(name = "lint", config = config)
    for resource in exe.pip_install(["pyflakes==3.2.0"]):
        exe.add_python_resource(resource)
    return exe

register_target("dist", make_dist)
register_target("exe", make_exe, depends = ["dist"], default = True)
resolve_targets()

PYOXIDIZER_VERSION = "0.24.0"
PYOXIDIZER_COMMIT = "UNKNOWN"
