//! The window runtime with one module more: the packager, for Pyxidium Studio.

use pyembed::builtin_module;

fn main() -> std::process::ExitCode {
    pyxidium_window::Runtime::new()
        .module(builtin_module!(pyxidium_studio::native_module))
        .run()
}
