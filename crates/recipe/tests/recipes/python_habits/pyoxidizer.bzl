# What people try because Python has it, or because another tool has.
def library():
    exe().add_library("/usr/lib/libcurl.so")

def module():
    exe().add_python_resources(exe().read_python_file("app.py"))

def bundle():
    return exe().to_macos_application_bundle_builder("App", "org.example.app", "App")

def location():
    FileManifest().add_location("build", exe())

def one_package():
    exe().read_package_root(path = "src", package = "src")

def contains():
    return VARS.get("triple", "").contains("windows")

def dot():
    return default_python_distribution().to_python_executable(name = ".")

def script():
    exe().read_package_root(path = ".", packages = ["git-tool"])

def manifest():
    exe().add_manifest(glob(["*.txt"]))

def folder():
    return exe().to_file_manifest()

def exe():
    return default_python_distribution().to_python_executable(name = "app")

for name, make in [
    ("library", library), ("module", module), ("bundle", bundle), ("location", location),
    ("one_package", one_package), ("contains", contains), ("dot", dot), ("script", script),
    ("manifest", manifest), ("folder", folder),
]:
    register_target(name, make)
resolve_targets()
