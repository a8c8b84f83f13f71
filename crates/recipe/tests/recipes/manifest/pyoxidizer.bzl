def make_files():
    m = FileManifest()
    m.add_path("data/a.txt", strip_prefix = "data/")
    m.add_path("data/tool.sh", strip_prefix = "", force_read = True)
    m.add_file(FileContent(filename = "b.txt", content = "made up\n"), directory = "made")
    m.add_manifest(glob([CWD + "/data/*.csv"], strip_prefix = CWD + "/"))
    c = m.get_file("a.txt")
    c.filename = "renamed.txt"
    c.executable = True
    m.add_file(c)
    m.remove("a.txt")
    print(m.paths(), m.get_file("none"))
    m.install("staged", replace = False)
    m.install("clean")
    return m

register_target("files", make_files)
resolve_targets()
