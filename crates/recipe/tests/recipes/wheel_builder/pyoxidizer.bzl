def make_wheel():
    b = PythonWheelBuilder("my-tool", "1.0")
    b.add_file(FileContent(path = "tool.py"))
    b.add_file(FileContent(filename = "__init__.py", content = ""), directory = "pkg")
    b.add_file_dist_info(FileContent(filename = "entry_points.txt", content = "[console_scripts]\ntool = tool:main\n"))
    b.add_file_data("scripts", FileContent(filename = "run", content = "#!python\n", executable = True))
    print(b.wheel_file_name, b.tag)
    b.build_tag = "7"
    b.python_tag = "py310"
    print(b.wheel_file_name, b.root_is_purelib)
    b.write_to_directory("wheels")
    return b

def make_exe_wheel():
    exe = default_python_distribution().to_python_executable("tool")
    return exe.to_wheel(version = "2.0")

register_target("wheel", make_wheel, default = True)
register_target("exe_wheel", make_exe_wheel)
resolve_targets()
