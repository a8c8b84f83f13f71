def again(n):
    return again(n + 1)

def make():
    return again(0)

register_target("exe", make)
resolve_targets()
