def attribute():
    config = default_python_distribution().make_python_interpreter_config()
    config.run_modul = "app"

def old_attribute():
    config = default_python_distribution().make_python_interpreter_config()
    config.run_mode = "module:app"

def method():
    default_python_distribution().to_python_executable("a").pip_instal(["x"])

def argument():
    return default_python_distribution(flavour = "standalone")

def value():
    policy = default_python_distribution().make_python_packaging_policy()
    policy.extension_module_filter = "some"

def kind():
    config = default_python_distribution().make_python_interpreter_config()
    config.sys_frozen = "yes"

def resource():
    default_python_distribution().to_python_executable("a").add_python_resource("x.py")

def read_only():
    exe = default_python_distribution().to_python_executable("a")
    exe.make_python_module_source("a", "", False).name = "b"

for make in [attribute, old_attribute, method, argument, value, kind, resource, read_only]:
    register_target(str(make).split(".")[-1].split(" ")[-1], make)
resolve_targets()
