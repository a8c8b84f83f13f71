//! `examples/eckel`: the speed ladder, climbed with small sizes; all rungs must give the same sums.

use std::time::{Duration, Instant};

use pyxidium_tests::TestContext;
use pyxidium_tests::context::{release, workspace};
use pyxidium_tests::window::{Window, alive, group, wait_for};
use serde_json::json;

const RUNGS: [&str; 5] = [
    "python",
    "processes",
    "kernel-processes",
    "kernel-threads",
    "rust",
];

fn open(test: &str) -> (TestContext, Window) {
    let context = TestContext::new(test);
    let app = workspace().join("examples/eckel/app/app.py");
    let runtime = release("eckel");
    let sealed = context.seal([app.as_os_str(), "--runtime".as_ref(), runtime.as_os_str()]);
    let window = Window::open(&context, &sealed);
    window.desktop().wait_title("The speed ladder");
    wait_for("the page", || {
        let ready = window.js("return document.documentElement.dataset.ready ?? '';");
        (ready == json!("yes")).then_some(())
    });
    (context, window)
}

fn climb(window: &Window, calls: &str, iterations: &str) {
    for (field, value) in [("#calls", calls), ("#iterations", iterations)] {
        let field = window.find(field);
        field.clear().unwrap();
        field.keys(value).unwrap();
    }
    window.click("#climb");
}

#[test]
fn all_rungs_give_pythons_sums() {
    let (_context, window) = open("eckel");
    climb(&window, "6", "300000");
    let verdict = window.expect("#verdict", "n = 0 the sum is");
    assert!(verdict.starts_with("All five agree"), "{verdict}");
    for rung in RUNGS {
        let state = window.js(&format!(
            "const row = document.getElementById('{rung}');
             const bar = row.querySelector('.bar div').getBoundingClientRect();
             return [row.dataset.state, bar.width >= 2, row.querySelector('.here').textContent.endsWith('s')];"
        ));
        assert_eq!(state, json!(["done", true, true]), "{rung}");
    }
    let widest = window.js("const bars = [...document.querySelectorAll('.bar div')];
         return bars.map((bar) => bar.style.width).includes('100%');");
    assert_eq!(widest, json!(true), "the longest bar has all the room");
    window.picture("eckel");
    window.close().expect_success();
}

/// i³ passes 64 bits at i = 2²¹: who wraps there has another sum, and who saturates too.
#[test]
fn sums_past_64_bits_are_pythons() {
    let (_context, window) = open("eckel-wide");
    climb(&window, "1", "2200000");
    let verdict = window.expect("#verdict", "n = 0 the sum is");
    assert!(verdict.starts_with("All five agree"), "{verdict}");
    window.close().expect_success();
}

#[test]
fn a_long_climb_stops_and_can_be_begun_again() {
    let (_context, window) = open("eckel-stop");
    // Minutes of plain Python.
    climb(&window, "200", "2000000");
    window.expect("#python .faster", "%");
    let clicked = Instant::now();
    window.click("#stop");
    window.expect("#verdict", "Stopped.");
    assert!(clicked.elapsed() < Duration::from_secs(3));
    climb(&window, "2", "1000");
    window.expect("#verdict", "All five agree");
    window.close().expect_success();
}

#[test]
fn closing_in_the_middle_ends_all_processes() {
    let (_context, window) = open("eckel-close");
    climb(&window, "40", "300000");
    wait_for("the second rung", || {
        let state = window.js("return document.getElementById('processes').dataset.state;");
        (state == json!("running")).then_some(())
    });
    // Its processes are there.
    window.expect("#processes .faster", "%");
    let processes = group(window.process().id());
    window.close().expect_success();
    let left = alive(&processes);
    assert!(left.is_empty(), "{left:?}");
}
