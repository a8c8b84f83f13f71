def exe(name, command):
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.run_command = command
    return dist.to_python_executable(name = name, config = config)

def make_one():
    return exe("one", "print(1)")

def make_two():
    return exe("two", "print(2)")

def make_both(one):
    m = FileManifest()
    m.add_python_resource("bin", one)
    m.add_python_resource("bin", resolve_target("two"))
    m.add_manifest(glob(["docs/**/*.md", "note*.txt"], exclude = ["docs/draft.md"]))
    return m

for name, make in [("one", make_one), ("two", make_two)]:
    register_target(name, make)
register_target("both", make_both, depends = ["one"], default = True)
resolve_targets()
