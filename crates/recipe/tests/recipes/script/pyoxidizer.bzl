# Ours: a script with the modules that it imports, and files beside it.
def make_exe():
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.sys_meipass = True
    exe = dist.to_python_executable(name = "words", config = config)
    exe.script("words.py", paths = ["lib"], modules = ["plugins.late"])
    exe.add_files("data", "data", exclude = ["data/**/*.tmp"])
    exe.add_files("notes.txt")
    exe.add_files("more/*", "out")
    return exe

def make_missing(exe):
    exe.add_files("nothing/*.csv")
    return exe

def make_no_module(exe):
    exe.script("words.py", modules = ["absent"])
    return exe

def make_outside(exe):
    exe.add_files("notes.txt", "../up")
    return exe

register_target("exe", make_exe)
register_target("missing", make_missing, depends = ["exe"])
register_target("no_module", make_no_module, depends = ["exe"])
register_target("outside", make_outside, depends = ["exe"])
resolve_targets()
