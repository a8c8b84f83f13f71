//! The commands of an author's day: `new`, `types`, and what `inspect` says of a window; with what each
//! says when it cannot do what it is asked.

use std::fs;

use pyxidium_tests::{Outcome, TestContext};

fn new(context: &TestContext, args: &[&str]) -> Outcome {
    let outcome = context.run_pyxidium([&["new", "my-words"], args].concat());
    outcome.expect_success();
    outcome
}

#[test]
fn new_makes_an_app_that_can_be_sealed_at_once() {
    let context = TestContext::new("new");
    new(&context, &[]).expect_stdout("Made my-words\nNext:\n  cd my-words\n  pyxidium dev\n");
    let built = context.run_pyxidium(["build", "my-words", "-o", "app"]);
    built.expect_success();
    assert_eq!(built.stderr(), "", "the scaffold gives no warning\n{built}");

    let shown = context.run_pyxidium(["inspect", "app"]);
    let shown = shown.expect_success().stdout();
    for part in [
        "my-words 0.1.0",
        "  window    “My words”, 920 by 700, at least 420 by 480\n",
        "  page      app/ui\n",
        "  id        org.example.my-words\n",
        "  may use   none\n",
        "  origins   none\n",
        "(pyxidium)",
    ] {
        assert!(shown.contains(part), "{part:?} is missing in\n{shown}");
    }
}

#[test]
fn new_with_vite_carries_the_client_as_a_package() {
    let context = TestContext::new("new-vite");
    new(&context, &["--template", "vite"]);
    let read = |name: &str| fs::read_to_string(context.join("my-words").join(name)).unwrap();
    assert!(read("frontend/pyxidium/pyxidium.js").contains("export"));
    assert!(read("frontend/package.json").contains("\"name\": \"my-words\""));
    // Types that the template ships are those that `types` writes.
    let types = context.run_pyxidium(["types", "my-words"]);
    types
        .expect_success()
        .expect_stdout(&read("frontend/src/commands.d.ts"));
    // Until the page is built there is one that says how.
    context
        .run_pyxidium(["build", "my-words", "-o", "app"])
        .expect_success();
}

#[test]
fn new_never_writes_into_a_folder_that_is_used() {
    let context = TestContext::new("new-used");
    let kept = context.write("words/notes.txt", "mine");
    let refused = context.run_pyxidium(["new", "words"]);
    refused.expect_code(1);
    assert_eq!(
        refused.stderr(),
        "error: words is there already\nhint: choose another name; nothing was written\n"
    );
    assert_eq!(fs::read_to_string(kept).unwrap(), "mine");
    let refused = context.run_pyxidium(["new", "3d"]);
    refused.expect_code(1);
    assert_eq!(
        refused.stderr(),
        "error: 3d is no name for an app\n\
         hint: a name has letters, digits and dashes, and begins with a letter\n"
    );
}

#[test]
fn types_are_read_of_a_script_and_written_only_when_they_change() {
    let context = TestContext::new("types");
    let app = "import helper\nimport pyxidium as px\n\n@px.command\ndef add(a: int, b: int = 0) -> int:\n    \
               return a + b\n\npx.window(ui='nowhere')\n";
    context.write("app.py", app);
    context.write("helper.py", "");
    let outcome = context.run_pyxidium(["types", "app.py", "-o", "src/commands.d.ts"]);
    outcome
        .expect_success()
        .expect_stdout("Wrote src/commands.d.ts\n");
    let path = context.join("src/commands.d.ts");
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("add: { args: { a: number; b?: number }; result: number };"),
        "{text}"
    );
    let time = || fs::metadata(&path).unwrap().modified().unwrap();
    let before = time();
    context
        .run_pyxidium(["types", "app.py", "-o", "src/commands.d.ts"])
        .expect_success();
    assert_eq!(time(), before);
}

#[test]
fn types_of_an_app_that_fails_when_it_is_imported() {
    let context = TestContext::new("types-fail");
    context.write("app.py", "raise ValueError('not today')\n");
    let outcome = context.run_pyxidium(["types", "app.py", "-o", "x.d.ts"]);
    outcome.expect_code(1).expect_stderr(&[
        "ValueError: not today\n",
        "error: app.py cannot be imported\n",
        "hint: types are read by importing the app; what went wrong stands above\n",
    ]);
    assert!(!context.join("x.d.ts").exists());
}

#[test]
fn dev_is_for_apps_with_a_window() {
    let context = TestContext::new("dev-console");
    context.write("app.py", "print(1)\n");
    let outcome = context.run_pyxidium(["dev", "app.py"]);
    outcome.expect_code(1);
    assert_eq!(
        outcome.stderr(),
        "error: the app has no window: no source calls px.window\n\
         hint: add a window, or run the app with `pyxidium python`\n"
    );
}

#[test]
fn a_window_that_cannot_be_sealed() {
    let context = TestContext::new("no-page");
    context.write("app.py", "import pyxidium as px\npx.window(ui='page')\n");
    let outcome = context.run_pyxidium(["build", "app.py", "-o", "app"]);
    outcome.expect_code(1);
    assert_eq!(
        outcome.stderr(),
        "error: app.py, line 2: the page's folder page does not exist\n\
         hint: the folder is looked for beside the file that names it; a bundler's output has to be built \
         first\n"
    );
}
