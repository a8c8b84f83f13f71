# Collected here, built on Windows.
IS_WINDOWS = "windows" in BUILD_TARGET_TRIPLE

def make_exe():
    dist = default_python_distribution()
    exe = dist.to_python_executable("app")
    exe.windows_runtime_dlls_mode = "always"
    exe.windows_subsystem = "windows" if IS_WINDOWS else "console"
    return exe

def make_msi(exe):
    msi = exe.to_wix_msi_builder("app", "App", "1.2.3", "Jo Doe")
    msi.help_url = "https://app.invalid"
    msi.msi_filename = "app-%s.msi" % "1.2.3"
    msi.license_path = CWD + "/LICENSE"
    msi.add_visual_cpp_redistributable("14", "x64")
    return msi

def make_setup(exe):
    def more(msi):
        msi.upgrade_code = "D7A3F1D0-0000-0000-0000-000000000000"
    bundle = exe.to_wix_bundle_builder("app", "App", "1.2.3", "Jo Doe", msi_builder_callback = more)
    bundle.add_condition("VersionNT", "Windows 10 is needed")
    bundle.add_vc_redistributable("x64")
    return bundle

def make_custom(exe):
    wix = WiXInstaller("app", "custom.msi")
    wix.add_simple_installer("App", "1.2.3", "Jo Doe", exe.to_file_manifest("."))
    wix.add_wxs_file("app.wxs", {"Key": "value"})
    wix.set_variable("Version", "1.2.3")
    return wix

register_target("exe", make_exe, default = True)
register_target("msi", make_msi, depends = ["exe"])
register_target("setup", make_setup, depends = ["exe"])
register_target("custom", make_custom, depends = ["exe"])
resolve_targets()
