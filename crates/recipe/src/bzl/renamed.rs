//! Names that older releases of PyOxidizer had, or that recipes try, and what its last release (0.24) has instead.

/// What to write instead of an attribute that went away.
pub(super) fn attribute(owner: &str, name: &str) -> Option<&'static str> {
    Some(match (owner, name) {
        ("PythonInterpreterConfig", "run_mode") => {
            "write `run_module = \"package\"`, `run_command = \"import package; package.main()\"` or \
             `run_filename = \"app.py\"`"
        }
        ("PythonInterpreterConfig", "use_hash_seed") => "write `hash_seed = NUMBER`",
        ("PythonInterpreterConfig", "write_modules_directory") => {
            "write `write_modules_directory_env`"
        }
        ("PythonPackagingPolicy", "resources_policy") => {
            "write `resources_location` and `resources_location_fallback`"
        }
        ("PythonPackagingPolicy", "include_sources") => {
            "write `include_distribution_sources` and `include_non_distribution_sources`"
        }
        ("PythonPackagingPolicy", "include_resources") => "write `include_distribution_resources`",
        _ => return None,
    })
}

/// What to write instead of a global function that went away.
pub(super) fn function(name: &str) -> Option<&'static str> {
    Some(match name {
        "BuildConfig" | "Config" | "PythonConfig" => {
            "write `dist = default_python_distribution()`, `config = dist.make_python_interpreter_config()` and \
             `exe = dist.to_python_executable(name = \"app\", config = config)` in a function, and register it: \
             `register_target(\"exe\", make_exe)`, `resolve_targets()`"
        }
        "PackagingPolicy" | "PythonPackagingPolicy" => {
            "write `dist.make_python_packaging_policy()`"
        }
        "PythonExecutable" => "write `dist.to_python_executable(name = ...)`",
        "EmbeddedPythonConfig"
        | "EmbeddedPythonRunConfig"
        | "python_run_mode_eval"
        | "python_run_mode_module"
        | "python_run_mode_noop"
        | "python_run_mode_repl" => {
            "write `config = dist.make_python_interpreter_config()` and `config.run_module = ...`"
        }
        "PythonEmbeddedResources" => "write `exe.to_embedded_resources()`",
        "PackageRoot" => {
            "write `exe.add_python_resources(exe.read_package_root(path = \".\", packages = [\"package\"]))`"
        }
        "PipInstallSimple" => "write `exe.add_python_resources(exe.pip_install([\"package\"]))`",
        "PipRequirementsFile" => {
            "write `exe.add_python_resources(exe.pip_install([\"-r\", \"requirements.txt\"]))`"
        }
        "SetupPyInstall" => {
            "write `exe.add_python_resources(exe.setup_py_install(package_path = CWD))`"
        }
        "Virtualenv" => "write `exe.add_python_resources(exe.read_virtualenv(\"venv\"))`",
        "Stdlib"
        | "StdlibExtensionsExplicitExcludes"
        | "StdlibExtensionsExplicitIncludes"
        | "StdlibExtensionVariant" => {
            "Python's own library is there whole; what is to stay out says so in a callback: `resource.add_include = False`"
        }
        "StdlibExtensionsPolicy" => "write `policy.extension_module_filter = \"all\"`",
        "WriteLicenseFiles" => "write `exe.write_licenses(\"licenses.txt\")`",
        "FilterInclude" => "write `exe.filter_resources_from_files(files = [\"names.txt\"])`",
        "default_target_triple" => "write `BUILD_TARGET_TRIPLE`",
        "Path" | "open" | "os" | "sys" | "env" | "shutil" | "subprocess" | "importlib" => {
            "a recipe is Starlark, without Python's library: files are named by their paths, found by `glob([...])`, and \
             added by `exe.add_files(...)`; values given by `pyxidium build -v NAME=VALUE` are in VARS"
        }
        "starlark_tugger" | "starlark_pyoxidizer" | "tugger" | "pyoxidizer" => {
            "what PyOxidizer's documentation calls `starlark_tugger.FileManifest` is written `FileManifest()`"
        }
        "BUILD_TARGET" => "write `BUILD_TARGET_TRIPLE`",
        "BUILD_PATH" => "write `set_build_path(...)`; paths are relative to it already",
        "add_python_resources" => "write `exe.add_python_resources(...)`",
        "pip_install" => "write `exe.pip_install([...])`",
        _ => return None,
    })
}

const FILES: &str = "write `exe.add_files(\"data/*.json\", \"data\")`: files beside the code, also shared libraries";
const MODULES: &str = "write `exe.add_python_resources(exe.read_package_root(path = \".\", packages = [\"package_or_module\"]))`";

/// What to write instead of a method that there is not.
pub(super) fn method(owner: &str, name: &str) -> Option<&'static str> {
    Some(match (owner, name) {
        (
            "PythonExecutable",
            "add_library"
            | "add_shared_library"
            | "add_file"
            | "add_data"
            | "add_resource"
            | "add_resources"
            | "read_files"
            | "add_filesystem_relative_resource"
            | "add_data_files",
        ) => FILES,
        (
            "PythonExecutable",
            "read_python_file"
            | "add_python_module"
            | "add_python_file"
            | "add_module"
            | "read_python_resources_from"
            | "read_directory"
            | "add_source"
            | "add_package",
        ) => MODULES,
        (
            "PythonExecutable",
            "add_module_source"
            | "add_in_memory_module_source"
            | "add_filesystem_relative_module_source"
            | "add_package_resource"
            | "add_in_memory_package_resource"
            | "add_extension_module"
            | "add_in_memory_extension_module"
            | "add_module_bytecode"
            | "add_in_memory_module_bytecode",
        ) => "write `exe.add_python_resource(resource)`",
        ("PythonExecutable", "filter_from_files") => {
            "write `exe.filter_resources_from_files(files = [\"names.txt\"])`"
        }
        ("PythonExecutable", "to_macos_application_bundle_builder" | "to_app_bundle") => {
            "write `app = MacOsApplicationBundleBuilder(\"App\")`, built on macOS"
        }
        ("PythonExecutable", "to_dist" | "install" | "to_manifest") => {
            "write `files = FileManifest()` and `files.add_python_resource(\".\", exe)`"
        }
        ("PythonExecutable", "add_manifest") => {
            "write `files = FileManifest()`, `files.add_python_resource(\".\", exe)` and `files.add_manifest(...)`"
        }
        ("PythonDistribution", "make_python_config") => {
            "write `dist.make_python_interpreter_config()`"
        }
        ("PythonDistribution", "pip_download") => "write `exe.pip_download([...])`",
        (
            "PythonDistribution",
            "source_modules" | "package_resources" | "resources_data" | "extension_modules",
        ) => "Python's own library is there whole; `dist.python_resources()` lists it",
        ("FileManifest", "add_location" | "add_executable" | "add_exe") => {
            "write `files.add_python_resource(\".\", exe)`"
        }
        ("FileManifest", "add_directory" | "add_folder" | "add_files") => {
            "write `files.add_manifest(glob([\"data/**/*\"]))`"
        }
        ("string", "contains") => "write `\"windows\" in text`",
        _ => return None,
    })
}

/// How a function is called, where a call does not fit it.
pub(super) fn signature(function: &str) -> Option<&'static str> {
    Some(match function.rsplit('.').next().unwrap_or(function) {
        "read_package_root" => {
            "write `read_package_root(path = \"src\", packages = [\"package\"])`: the folder that the package lies in"
        }
        "pip_install" => "write `pip_install([\"package\", \"-r\", \"requirements.txt\"])`",
        "read_virtualenv" => "write `read_virtualenv(path = \"venv\")`",
        "setup_py_install" => "write `setup_py_install(package_path = CWD)`",
        "default_python_distribution" => "arguments are flavor, build_target and python_version",
        "PythonDistribution" => {
            "write `dist = default_python_distribution()` and `dist.to_python_executable(name = \"app\")`"
        }
        "register_target" => {
            "write `register_target(\"exe\", make_exe, depends = [], default = True)`"
        }
        "to_wix_msi_builder" | "to_wix_bundle_builder" => {
            "write `exe.to_wix_msi_builder(\"app\", \"App\", \"1.0\", \"Maker\")`"
        }
        "to_file_manifest" => {
            "write `exe.to_file_manifest(\".\")`: the folder of the result that it goes to"
        }
        "add_file" => {
            "write `files.add_file(FileContent(path = \"data.txt\"), directory = \"data\")`"
        }
        "FileContent" => {
            "write `FileContent(path = \"data.txt\")` or `FileContent(filename = \"a.txt\", content = \"...\")`"
        }
        _ => return None,
    })
}
