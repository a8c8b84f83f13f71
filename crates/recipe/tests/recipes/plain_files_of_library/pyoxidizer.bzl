# Recipes ask every resource of Python's own library for its name: there are no plain files in it.
def seen(policy, resource):
    if resource.is_stdlib and resource.name.startswith("this"):
        resource.add_include = False

def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    policy.allow_files = True
    policy.register_resource_callback(seen)
    exe = dist.to_python_executable(name = "app", packaging_policy = policy)
    for resource in dist.python_resources():
        if resource.is_stdlib:
            print(resource.name)
    return exe

register_target("exe", make_exe)
resolve_targets()
