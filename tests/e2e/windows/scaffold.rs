//! What `pyxidium new` makes: built, clicked, and run from its sources by `pyxidium dev`.

use std::fs;
use std::path::PathBuf;

use pyxidium_tests::TestContext;
use pyxidium_tests::process::Spec;
use pyxidium_tests::window::{Window, wait_for};

fn scaffold(context: &TestContext) -> PathBuf {
    context.run_pyxidium(["new", "words"]).expect_success();
    context.join("words")
}

#[test]
fn scaffold_is_built_and_clicked() {
    let context = TestContext::new("scaffold");
    let folder = scaffold(&context);
    let mut build = context.pyxidium();
    build.current_dir(&folder).args(["build", ".", "-o"]);
    let app = context.join("app");
    build.arg(&app);
    Spec::of(build).run().expect_success();
    let window = Window::open(&context, &app);
    window.picture("scaffold");

    window.find("#name").keys("Ada").unwrap();
    window.click("#greet-button");
    window.expect("#greeting", "Hello Ada");
    window.find("#name").clear().unwrap();
    window.click("#greet-button");
    window.expect("#greeting", "Please tell me your name");

    let below = window.find("#below");
    below.clear().unwrap();
    below.keys("1000").unwrap();
    window.click("#primes-start");
    window.expect("#primes-result", "168");

    // Long enough to be cancelled while it runs.
    below.clear().unwrap();
    below.keys("50000000").unwrap();
    window.click("#primes-start");
    wait_for("the count to begin", || {
        let value = window.find("#primes-progress").property("value").ok()?;
        (value.as_f64()? > 0.0).then_some(())
    });
    window.click("#primes-cancel");
    window.expect("#primes-result", "ancel");

    window.click("#load-toggle");
    wait_for("values of the stream", || {
        let points = window.js("return document.getElementById('line').getAttribute('points')");
        (points.as_str()?.split_whitespace().count() >= 2).then_some(())
    });
    window.picture("scaffold-used");
    window.close().expect_success();
}

#[test]
fn saved_changes_appear_in_the_window() {
    let context = TestContext::new("dev");
    let folder = scaffold(&context);
    let mut dev = context.pyxidium();
    dev.current_dir(&folder).arg("dev");
    let window = Window::start(&context, dev);
    window.find("#name").keys("Ada").unwrap();
    window.click("#greet-button");
    window.expect("#greeting", "Hello Ada");

    let page = folder.join("ui/index.html");
    let text = fs::read_to_string(&page).unwrap();
    fs::write(&page, text.replacen("<h1>", "<h1>Changed: ", 1)).unwrap();
    window.expect("h1", "Changed: ");

    let script = folder.join("app.py");
    let text = fs::read_to_string(&script).unwrap();
    fs::write(&script, text.replace("Hello {name}", "Good day {name}")).unwrap();
    wait_for("the new greeting", || {
        let name = window.session().find("#name")?;
        name.clear().ok()?;
        name.keys("Ada").ok()?;
        window.session().find("#greet-button")?.click().ok()?;
        let said = window.session().find("#greeting")?.text().ok()?;
        said.contains("Good day Ada").then_some(())
    });

    // A mistake is shown where one looks, and goes when it is mended.
    let good = fs::read_to_string(&script).unwrap();
    fs::write(&script, format!("{good}\nmistake = 1 / 0\n")).unwrap();
    window.expect("#details", "mistake = 1 / 0");
    window.picture("dev-failure");
    fs::write(&script, good).unwrap();
    window.expect("h1", "Changed: ");
    window.close().expect_success();
}
