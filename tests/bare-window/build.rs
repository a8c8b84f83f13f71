//! What every Tauri app has.

fn main() {
    // There are no capabilities. Without a pattern, cargo watches for a folder that is never there, and
    // builds this every time.
    let attributes =
        tauri_build::Attributes::new().capabilities_path_pattern("capabilities/*.json");
    tauri_build::try_build(attributes).expect("a Tauri app");
}
