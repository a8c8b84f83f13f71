//! `pyxidium record` with a window: what a person does in it is recorded, and the file of only that still does it.

use std::fs;

use pyxidium_tests::TestContext;
use pyxidium_tests::window::{Window, case};
use serde_json::{Value, json};

const APP: &str = r#"
import pyxidium as px


@px.command
def divide(top: int, bottom: int) -> str:
    import fractions

    return str(fractions.Fraction(top, bottom))


@px.command
async def wait() -> str:
    import asyncio

    await asyncio.sleep(0)
    return "waited"


@px.command
def pretty(text: str) -> str:
    import xml.dom.minidom

    return xml.dom.minidom.parseString(text).toprettyxml()


window = px.window(title="Recorded", ui="ui", size=(500, 300))
print("ended", flush=True)
"#;

/// What a person does; what the page got.
fn use_it(window: &Window) -> Value {
    window.wait_ready("px");
    window.desktop().wait_title("Recorded");
    window.js("return [await px.invoke('divide', { top: 6, bottom: 4 }), await px.invoke('wait')];")
}

#[test]
fn what_is_used_in_a_window_is_in_the_file_of_only_that() {
    let context = TestContext::new("window-recorded");
    context.write("app.py", APP);
    for file in ["index.html", "main.js"] {
        let text = fs::read(case("calls").join("ui").join(file)).unwrap();
        context.write(format!("ui/{file}"), text);
    }
    let mut record = context.pyxidium();
    record.args(["record", "app.py"]);
    let window = Window::start(&context, record);
    assert_eq!(use_it(&window), json!(["3/2", "waited"]));
    let outcome = window.close();
    outcome.expect_success().expect_stdout("ended\n");
    outcome.expect_stderr(&["Recorded", "app.used.json", "in 1 run"]);
    let used = fs::read_to_string(context.join("app.used.json")).unwrap();
    for (name, expected) in [
        ("fractions.py", true),
        ("asyncio/", true),
        ("minidom", false),
    ] {
        assert_eq!(used.contains(name), expected, "{name} in {used}");
    }

    context
        .run_pyxidium(["build", "app.py", "-o", "whole"])
        .expect_success();
    let built = context.run_pyxidium(["build", "app.py", "--only-used", "-o", "app"]);
    built.expect_success();
    assert!(built.stdout().contains("Left out"), "{built}");
    let len = |name: &str| fs::metadata(context.join(name)).unwrap().len();
    assert!(
        len("app") + 3_000_000 < len("whole"),
        "{} {}",
        len("app"),
        len("whole")
    );

    let window = Window::open(&context, &context.join("app"));
    assert_eq!(use_it(&window), json!(["3/2", "waited"]));
    // What nobody did is gone, and the page hears of it like of any error.
    let missed = window.try_js("await px.invoke('pretty', { text: '<a/>' })");
    let missed = missed.unwrap_err();
    assert!(missed.contains("xml"), "{missed}");
    window.picture("window-recorded");
    let outcome = window.close();
    outcome.expect_success().expect_stdout("ended\n");
}
