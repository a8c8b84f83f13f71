# Pyxidium Studio, this repository's own app: one file, and what Debian, Fedora and their relatives install.
#
#     cargo xtask dist [--packages]
#
# builds what it is made of first: its runtime, which has the packager in it, and its page.

RUNTIME = VARS.get("runtime", "target/release/stripped/pyxidium-studio")

def make_exe():
    dist = default_python_distribution()
    exe = dist.to_python_executable(name = "pyxidium-studio")
    exe.script("app_py/studio/__main__.py")
    exe.version = "0.1.0"
    exe.summary = "Seals a Python app into one executable file, and shows what is in it"
    exe.license = "MIT OR Apache-2.0"
    exe.maintainer = "The Pyxidium contributors"
    exe.categories = ["Development"]
    exe.identifier = "org.pyxidium.studio"
    exe.capabilities = ["clipboard", "dialog", "open", "window-state"]
    exe.runtime = RUNTIME
    exe.packager = True
    exe.ui = "ui/dist"
    exe.window(
        title = "Pyxidium Studio",
        icon = "app_py/studio/icon.png",
        size = [1180, 760],
        min_size = [640, 480],
    )
    return exe

def make_deb(exe):
    return exe.to_deb()

def make_rpm(exe):
    return exe.to_rpm()

register_target("exe", make_exe, default = True)
register_target("deb", make_deb, depends = ["exe"])
register_target("rpm", make_rpm, depends = ["exe"])
resolve_targets()
