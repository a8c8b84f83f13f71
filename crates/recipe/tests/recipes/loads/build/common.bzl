load("names.bzl", "NAME")

dist = default_python_distribution()
counted = len(NAME)

def drop(policy, resource):
    if resource.name == "this":
        resource.add_include = False

policy = dist.make_python_packaging_policy()
policy.register_resource_callback(drop)

def make_exe():
    return dist.to_python_executable(name = NAME, packaging_policy = policy)

def make_other():
    return make_exe()

register_target("other", make_other)
