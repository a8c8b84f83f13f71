def make_exe():
    while True:
        pass
