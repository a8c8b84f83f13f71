//! The window runtime that `pyxidium build` seals apps with. All of it is in the library, so that
//! a crate with a Python module of its own can do the same: see `examples/own-rust`.

fn main() -> std::process::ExitCode {
    pyxidium_window::Runtime::new().run()
}
