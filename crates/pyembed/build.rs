//! Tells the linker where the static CPython is.
//!
//! Reads `link.json` of the CPython that `cargo xtask python` built and linked to
//! `target/cpython`. It may not build, search or download anything.

use std::{env, fs, path::PathBuf, process::exit};

/// Symbols that the finished executable exports: CPython's API for binary wheels, and the libc
/// calls that `vfs::libc_calls` answers for paths inside the payload.
const EXPORTS: &str = "exports.txt";

fn main() {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let exports = manifest.join(EXPORTS);
    println!("cargo::rerun-if-changed={}", exports.display());
    println!("cargo::rerun-if-env-changed=PYXIDIUM_CPYTHON");

    let cpython = env::var_os("PYXIDIUM_CPYTHON")
        .map(PathBuf::from)
        .unwrap_or_default();
    let link_file = cpython.join("link.json");
    println!("cargo::rerun-if-changed={}", link_file.display());
    let Ok(text) = fs::read_to_string(&link_file) else {
        println!(
            "cargo::error=no static CPython at {}: run `cargo xtask python` once",
            cpython.display()
        );
        exit(1);
    };
    let link: serde_json::Value = match serde_json::from_str(&text) {
        Ok(link) => link,
        Err(error) => {
            println!(
                "cargo::error={} is damaged ({error}): run `cargo xtask python`",
                link_file.display()
            );
            exit(1);
        }
    };
    let strings = |key: &str| -> Vec<String> {
        let items = link[key].as_array().into_iter().flatten();
        items
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect()
    };

    // Wheels find `Py*` in the executable, so all of libpython goes in, used by us or not.
    let mut args = vec![
        "-Wl,--whole-archive".to_owned(),
        cpython.join("lib/libpython3.13.a").display().to_string(),
        "-Wl,--no-whole-archive".to_owned(),
        "-Wl,--start-group".to_owned(),
    ];
    args.extend(strings("archives"));
    args.push("-Wl,--end-group".to_owned());
    args.extend(strings("libs").iter().map(|lib| format!("-l{lib}")));
    // See `src/libm.rs`.
    args.push("-Wl,--wrap=cbrt".to_owned());
    args.push(format!("-Wl,--dynamic-list={}", exports.display()));
    // OpenSSL and its like would otherwise enter the dynamic table wherever some shared library
    // uses the same names, and GTK or a wheel would bind to our copy.
    let names = strings("archives")
        .iter()
        .filter_map(|path| Some(path.rsplit_once('/')?.1.to_owned()))
        .collect::<Vec<_>>();
    args.push(format!("-Wl,--exclude-libs,{}", names.join(":")));

    for arg in &args {
        println!("cargo::rustc-link-arg={arg}");
    }
    // In the names of extension modules: `x86_64-linux-gnu`.
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    println!(
        "cargo::rustc-env=PYXIDIUM_MULTIARCH={}-{}-{}",
        target("ARCH"),
        target("OS"),
        target("ENV")
    );
    println!("cargo::metadata=link_args={}", args.join("\t"));
}
