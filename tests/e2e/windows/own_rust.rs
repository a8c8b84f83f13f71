//! A runtime of somebody's own, `examples/own-rust`: its Rust module counts for the page, and stops when
//! the page wants it to.

use std::time::{Duration, Instant};

use pyxidium_tests::TestContext;
use pyxidium_tests::context::{release, workspace};
use pyxidium_tests::window::{Window, wait_for};
use serde_json::json;

fn open(test: &str) -> (TestContext, Window) {
    let context = TestContext::new(test);
    let app = workspace().join("examples/own-rust/app/app.py");
    let runtime = release("own-rust");
    let sealed = context.seal([app.as_os_str(), "--runtime".as_ref(), runtime.as_os_str()]);
    let window = Window::open(&context, &sealed);
    window.desktop().wait_title("Own Rust");
    (context, window)
}

fn count_below(window: &Window, limit: &str) {
    let field = window.find("#limit");
    field.clear().unwrap();
    field.keys(limit).unwrap();
    window.click("#count");
}

#[test]
fn a_module_in_rust_counts_for_the_page() {
    let (_context, window) = open("own-rust");
    window.click("#count");
    let grouped = window.js("return (216816).toLocaleString();");
    let grouped = grouped.as_str().expect("a text");
    window.expect("#answer", &format!("{grouped} primes in "));
    window.picture("own-rust");
    count_below(&window, "10");
    window.expect("#answer", "4 primes in ");
    window.close().expect_success();
}

#[test]
fn a_long_count_stops_at_once() {
    let (_context, window) = open("own-rust-stop");
    // Many minutes of work on any machine.
    count_below(&window, "1000000000");
    window.expect("#answer", "Counting");
    let clicked = Instant::now();
    window.click("#stop");
    window.expect("#answer", "Stopped.");
    assert!(clicked.elapsed() < Duration::from_secs(1));

    // The threads that counted are free again, not only the page.
    wait_for("the processor to be left alone", || {
        let before = ticks(&window);
        std::thread::sleep(Duration::from_millis(500));
        (ticks(&window) < before + 10).then_some(())
    });
    count_below(&window, "100");
    window.expect("#answer", "25 primes in ");
    assert_eq!(
        window.js("return document.getElementById('stop').disabled;"),
        json!(true)
    );
    window.close().expect_success();
}

/// The processor time that the app has had, in hundredths of a second.
fn ticks(window: &Window) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", window.process().id()));
    let stat = stat.expect("the app runs");
    // What follows its name, which is in parentheses.
    let (_, rest) = stat.rsplit_once(')').expect("as the kernel writes it");
    let times = rest.split_whitespace().skip(11).take(2);
    times
        .map(|time| time.parse::<u64>().expect("a number"))
        .sum()
}
