//! Pyxidium Studio's "Speed": an app is profiled, its hot function is seen, and measured as a kernel.

use pyxidium_tests::TestContext;
use pyxidium_tests::context::dist;
use pyxidium_tests::window::{Window, alive, wait_for};

/// One loop that takes nearly all of the time, in a function that is a kernel as it stands, and one
/// function that can be none.
const APP: &str = "\
from math import sqrt


def heavy(n: int) -> float:
    total = 0.0
    for i in range(n):
        total += sqrt(i * 0.5)
    return total


def report(values: list[float]) -> str:
    text = ''
    for value in values * 60000:
        text = f'{value:.3f}'
    return text


def main() -> None:
    print(report([heavy(600_000) for _ in range(12)]))


main()
";

fn id(name: &str) -> String {
    format!("[data-testid={name}]")
}

/// Studio with a script open, at the view that is tested here.
fn open(context: &TestContext, script: &std::path::Path) -> Window {
    let mut command = context.command(dist("pyxidium-studio"));
    command.arg(script);
    let window = Window::start(context, command);
    let _ = window.find("[data-testid=studio][data-ready=true]");
    window.click(&id("speed-open"));
    let _ = window.find(&id("speed"));
    window
}

/// Waits for a text that could be cut short for want of room, which WebDriver takes for hidden.
fn wait_fact(window: &Window, name: &str, text: &str) {
    wait_for(format!("{name} to be {text:?}"), || {
        let found = window.session().find(&id(name))?;
        let said = found.property("textContent").ok()?;
        (said.as_str()?.trim() == text).then_some(())
    });
}

fn wait_status(window: &Window, status: &str) {
    wait_for(format!("profiling to be {status}"), || {
        let state = format!("[data-testid=speed][data-status={status}]");
        window.session().find(&state).map(|_| ())
    });
}

#[test]
fn the_hot_function_is_seen_line_by_line_and_measured() {
    let context = TestContext::new("speed");
    let script = context.write("orbits.py", APP);
    let window = open(&context, &script);
    window.picture("speed-begin");
    window.click(&id("profile-begin"));
    wait_status(&window, "done");

    // The hottest function of the author's own is the one that is shown.
    let _ = window.find("[data-testid=function-detail][data-name=heavy]");
    let _ = window.find("[data-testid=call][data-name=heavy]");
    let line = window.expect(
        "[data-testid=line][data-line='7']",
        "total += sqrt(i * 0.5)",
    );
    assert!(line.contains('%'), "the line has its heat: {line}");
    wait_fact(&window, "speed-exit", "Ended well");
    window.picture("speed-profile");

    // A search tells how much of the time it found.
    window.click(&id("flame-search"));
    let _ = window.js(
        "const field = document.querySelector('[data-testid=flame-search]');
         field.value = 'heavy'; field.dispatchEvent(new Event('input', { bubbles: true }));",
    );
    let found = window.expect(&id("flame-found"), "% of the time");
    let percent: u32 = found
        .split(' ')
        .next()
        .and_then(|n| n.parse().ok())
        .expect("a number");
    assert!(percent > 50, "{found}");

    // What keeps the other one out of a kernel is said at its line.
    window.click("[data-testid=function][data-name=report]");
    let _ = window.find("[data-testid=function-detail][data-name=report]");
    window.expect(&id("problem"), "Line ");
    window.picture("speed-problem");

    window.click("[data-testid=function][data-name=heavy]");
    window.click(&id("measure"));
    window.expect(&id("gain-equal"), "The same answers");
    let factor = window.expect(&id("gain-factor"), "×");
    let factor: f64 = factor
        .split(' ')
        .next()
        .and_then(|n| n.parse().ok())
        .expect("a number");
    assert!(factor > 5.0, "{factor}");
    window.picture("speed-gain");
    let _ = window.js("document.documentElement.dataset.theme = 'dark';");
    window.picture("speed-gain-dark");

    let outcome = window.close();
    outcome.expect_success();
    assert_eq!(outcome.stderr(), "", "nothing to complain about\n{outcome}");
}

#[test]
fn an_endless_app_is_stopped_and_its_profile_shown() {
    let context = TestContext::new("speed-stop");
    let text = "import os\nprint('process', os.getpid())\ndef endless():\n    while True:\n        pass\nendless()\n";
    let script = context.write("endless.py", text);
    let window = open(&context, &script);
    window.click(&id("profile-begin"));
    let said = window.expect(&id("log"), "process ");
    let process = said.split_whitespace().last().map(str::parse::<u32>);
    let process = process.expect("a line").expect("a number");
    window.expect(&id("profile-step"), " times in ");
    window.picture("speed-running");
    window.click(&id("stop-profile"));
    wait_status(&window, "done");
    wait_fact(&window, "speed-exit", "Was stopped");
    let _ = window.find("[data-testid=function-detail][data-name=endless]");
    assert_eq!(alive(&[process]), [0_u32; 0], "the app has ended");
    window.close().expect_success();
}

#[test]
fn an_app_that_cannot_be_sealed_says_why() {
    let context = TestContext::new("speed-wrong");
    let script = context.write("broken.py", "def broken(:\n    pass\n");
    let window = open(&context, &script);
    window.click(&id("profile-begin"));
    window.expect(&id("profile-failure"), "broken.py");
    window.close().expect_success();
}
