ABOUT = {
    "id_prefix": "org.example_1.app",
    "product_name": "App",
    "product_version": "1.0",
    "product_manufacturer": "Jo",
}

def make_exe():
    dist = default_python_distribution()
    return dist.to_python_executable(name = "app")

def make_msi(exe):
    return exe.to_wix_msi_builder(**ABOUT)

def make_other_msi():
    msi = WiXMSIBuilder(arch = "arm64", **ABOUT)
    msi.msi_filename = "app-" + msi.arch + ".msi"
    return msi

def make_installer():
    installer = WiXInstaller("app", "app.msi", arch = "x86")
    installer.install_files_root_directory_id = "INSTALLDIR"
    return installer

def make_wheel():
    wheel = PythonWheelBuilder("app", "1.0")
    wheel.tag = "cp313-abi3-manylinux2014_x86_64"
    wheel.python_tag = "py3"
    return wheel

def wrong_tag():
    PythonWheelBuilder("app", "1.0").tag = "py3"

def wrong_arch():
    WiXMSIBuilder("app", "App", "1.0", "Jo", arch = "unknown")

register_target("exe", make_exe)
register_target("msi", make_msi, depends = ["exe"])
register_target("other_msi", make_other_msi)
register_target("installer", make_installer)
register_target("wheel", make_wheel)
register_target("wrong_tag", wrong_tag)
register_target("wrong_arch", wrong_arch)
resolve_targets()
