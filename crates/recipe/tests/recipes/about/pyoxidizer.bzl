# What an app is, said once for everything that is made of it; an installer may say it otherwise.
def make_exe():
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.run_module = "words"
    exe = dist.to_python_executable(name = "words", config = config)
    exe.version = "1.2"
    exe.summary = """Counts words,
        and nothing else"""
    exe.license = "MIT"
    exe.homepage = "https://example.org/words"
    exe.maintainer = "Ann <ann@example.org>"
    exe.authors = ["Ann <ann@example.org>", "Bo"]
    exe.categories = ["Office"]
    exe.file_types = [".Words", "csv"]
    exe.update(key = "acme.pub", url = "https://example.org/words/latest.json")
    return exe

def make_deb(exe):
    return exe.to_deb(
        version = "1.2.post1",
        maintainer = "Packagers <deb@example.org>",
        categories = ["Utility", "Office"],
        file_types = ["tsv", "csv"],
    )

def make_install(exe):
    return exe.to_self_install()

register_target("exe", make_exe, default = True)
register_target("deb", make_deb, depends = ["exe"])
register_target("install", make_install, depends = ["exe"])
resolve_targets()
