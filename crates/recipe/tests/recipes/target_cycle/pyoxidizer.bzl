def make(other):
    return other

register_target("a", make, depends = ["b"])
register_target("b", make, depends = ["a"])
resolve_targets()
