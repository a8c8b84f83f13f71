//! An app that cannot start says so in its window, instead of vanishing.

use std::fs;
use std::path::PathBuf;

use pyxidium_tests::TestContext;
use pyxidium_tests::window::wait_for;

use crate::open;

fn logs(context: &TestContext) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![context.home()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "log") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn crash_at_import_shows_the_traceback_and_writes_a_report() {
    let (context, window) = open("crash", "window-crash");
    window.expect("#summary", "a_package_that_is_not_there");
    let details = window.expect("#details", "ModuleNotFoundError");
    assert!(
        details.contains("import a_package_that_is_not_there"),
        "the line of the app's source\n{details}"
    );
    window.picture("window-crash");

    let log = wait_for("a report", || logs(&context).pop());
    let report = fs::read_to_string(&log).unwrap();
    for part in ["ModuleNotFoundError", "Python", "Pyxidium", "app.py"] {
        assert!(report.contains(part), "{part}\n{report}");
    }
    window.expect("#note", &log.to_string_lossy());

    // What the button copies is what the clipboard gives back.
    window.js("document.addEventListener('copy', () => { globalThis.copied = getSelection().toString(); })");
    window.click("#copy");
    window.expect("#copy", "Copied");

    let outcome = window.close();
    outcome.expect_code(1);
    outcome.expect_stderr(&["Traceback", "a_package_that_is_not_there"]);
}
