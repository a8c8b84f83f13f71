# A helper.
x = [1]
y = x[3]

def make_exe():
    pass
