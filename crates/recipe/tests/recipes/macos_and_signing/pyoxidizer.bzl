def signers():
    signer = code_signer_from_pfx_file("key.pfx", "secret")
    def ask(request):
        return request.filename.endswith(".dylib")
    signer.set_signing_callback(ask)
    signer.set_time_stamp_server("http://time.invalid")
    signer.activate()

signers()

def make_app():
    exe = default_python_distribution().to_python_executable("App")
    app = MacOsApplicationBundleBuilder("App")
    app.set_info_plist_required_keys("App", "org.example.app", "1.0", "????", "App")
    app.set_info_plist_key("LSUIElement", True)
    app.add_macos_manifest(exe.to_file_manifest("."))
    app.add_resources_file(FileContent(filename = "a.txt", content = "a"))
    return app

def make_universal():
    u = AppleUniversalBinary("app")
    u.add_file(FileContent(filename = "x86", content = "x"))
    return u

register_target("app", make_app)
register_target("universal", make_universal)
resolve_targets()
