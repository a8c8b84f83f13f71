//! How the library is linked: functions that came out the same, as generic ones do for types of one size, are kept once.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Rust's own linker on this platform knows it; others would refuse it.
    let target = std::env::var("TARGET").unwrap_or_default();
    if target == "x86_64-unknown-linux-gnu" {
        println!("cargo::rustc-link-arg-cdylib=-Wl,--icf=all");
    }
}
