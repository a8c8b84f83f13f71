def make_exe():
    return Path("app.py").read_text()

register_target("exe", make_exe)
