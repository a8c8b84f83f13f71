def spin():
    for a in range(1000000):
        for b in range(1000000):
            pass

register_target("exe", spin)
resolve_targets()
