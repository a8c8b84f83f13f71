def make_exe():
    import os

register_target("exe", make_exe)
