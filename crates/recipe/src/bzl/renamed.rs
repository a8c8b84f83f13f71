//! Names that older releases of PyOxidizer had, and what its last release (0.24) has instead.

/// What to write instead of an attribute that went away.
pub(super) fn attribute(owner: &str, name: &str) -> Option<&'static str> {
    Some(match (owner, name) {
        ("PythonInterpreterConfig", "run_mode") => {
            "write `run_module = \"package\"`, `run_command = \"import package; package.main()\"` or \
             `run_filename = \"app.py\"`"
        }
        ("PythonInterpreterConfig", "raw_allocator") => "write `allocator_backend`",
        ("PythonInterpreterConfig", "run_file") => "write `run_filename`",
        ("PythonInterpreterConfig", "run_eval") => "write `run_command`",
        ("PythonInterpreterConfig", "sys_paths") => "write `module_search_paths`",
        ("PythonInterpreterConfig", "use_hash_seed") => "write `hash_seed = NUMBER`",
        ("PythonInterpreterConfig", "opt_level" | "optimize_level") => "write `optimization_level`",
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
        "PythonInterpreterConfig" => "write `dist.make_python_interpreter_config()`",
        "PythonPackagingPolicy" => "write `dist.make_python_packaging_policy()`",
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
        "BUILD_TARGET" => "write `BUILD_TARGET_TRIPLE`",
        "BUILD_PATH" => "write `set_build_path(...)`; paths are relative to it already",
        "add_python_resources" => "write `exe.add_python_resources(...)`",
        "pip_install" => "write `exe.pip_install([...])`",
        _ => return None,
    })
}
