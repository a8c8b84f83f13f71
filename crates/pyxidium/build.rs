//! Hands the arguments that `pyembed` wants in the final link to this package's executables.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // `include_dir` does not tell cargo what it has read.
    println!("cargo::rerun-if-changed=templates");
    println!("cargo::rerun-if-env-changed=DEP_PYXIDIUM_CPYTHON_LINK_ARGS");
    let args = std::env::var("DEP_PYXIDIUM_CPYTHON_LINK_ARGS").unwrap_or_default();
    for arg in args.split('\t').filter(|arg| !arg.is_empty()) {
        // What it leads to is in pyembed, which not every test names.
        let kind = if arg.contains("--wrap") { "-bins" } else { "" };
        println!("cargo::rustc-link-arg{kind}={arg}");
    }
}
