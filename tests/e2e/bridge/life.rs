//! How an app begins and ends, and its pages with it.

use std::time::{Duration, Instant};

use pyxidium_tests::{TestContext, page::Page};
use serde_json::json;

#[test]
fn calls_of_a_page_end_with_it() {
    let page = Page::of_all_kinds("bridge-reload");
    let sent = page.send("endless", json!({"name": "old page"}), &json!({}), &[]);
    page.wait_for_log("old page began");
    let polled = page.poll();
    let new = page.another("main", "second");
    assert_eq!(
        page.answer(sent).error(),
        "Cancelled: the call was cancelled"
    );
    assert_eq!(page.answer(polled).value(), json!({}));
    new.wait_for_log("old page ended");
    assert_eq!(
        page.call("nothing", json!({})).error(),
        "PageGone: this page has been left"
    );

    // The same when a window is closed; other windows live on.
    let other = new.another("other", "s");
    let sent = other.send("endless", json!({"name": "closed window"}), &json!({}), &[]);
    other.wait_for_log("closed window began");
    other.raw(b'f', Vec::new());
    assert_eq!(
        other.answer(sent).error(),
        "Cancelled: the call was cancelled"
    );
    new.wait_for_log("closed window ended");
    assert_eq!(
        other.call("nothing", json!({})).error(),
        "PageGone: this page has been left"
    );

    // And when the app's code is run again: nothing is known of it until then.
    let sent = new.send("endless", json!({"name": "old code"}), &json!({}), &[]);
    new.raw(b'r', Vec::new());
    assert_eq!(
        new.answer(sent).error(),
        "Cancelled: the call was cancelled"
    );
    let error = new.call("nothing", json!({})).error();
    assert!(error.starts_with("UnknownCommand"), "{error}");
    assert_eq!(new.quit(), (Some(0), true));
}

#[test]
fn calls_wait_for_the_app_to_begin() {
    let context = TestContext::new("bridge-begin-source");
    let script = context.write(
        "app.py",
        "import time\nimport pyxidium as px\n\n\
         @px.command\ndef early() -> int: return 1\n\n\
         time.sleep(0.5)\n\n\
         @px.command\ndef late(n: 'Later') -> int: return n\n\n\
         time.sleep(0.5)\nLater = int\n\n\
         @px.on('hello')\ndef hello(data: str) -> None: print('heard', data, flush=True)\n",
    );
    let page = Page::of("bridge-begin", &script, &["--offline"]);
    let (late, unknown) = (
        page.send("late", json!({"n": 5}), &json!({}), &[]),
        page.send("unknown", json!({}), &json!({}), &[]),
    );
    // An event of so early a page is heard, too.
    page.answer_to(page.message(&json!({"op": "emit", "name": "hello"}), "\"you\"", &[]))
        .value();
    let cancelled = page.send("late", json!({"n": 5}), &json!({}), &[]);
    page.op(&json!({"op": "cancel", "id": cancelled.id}))
        .value();
    assert_eq!(
        page.answer(cancelled).error(),
        "Cancelled: the call was cancelled"
    );
    assert_eq!(page.call("early", json!({})).value(), json!(1));
    // Its annotation was not there yet when it was called, or it was: it never hangs.
    let _ = page.answer(late);
    let error = page.answer(unknown).error();
    assert_eq!(
        error,
        "UnknownCommand: no command \"unknown\": is the function marked with @px.command?"
    );
    assert_eq!(page.call("late", json!({"n": 5})).value(), json!(5));
    assert!(page.stderr().contains("heard you"), "{}", page.stderr());
}

#[test]
fn an_app_that_fails_says_so_to_its_page() {
    let context = TestContext::new("bridge-failed-source");
    let script = context.write(
        "app.py",
        "import time, pyxidium as px\n@px.command\ndef f(): return 1\ntime.sleep(0.3)\nraise RuntimeError('no luck')\n",
    );
    let page = Page::of("bridge-failed", &script, &["--offline"]);
    let sent = page.send("g", json!({}), &json!({}), &[]);
    assert_eq!(
        page.answer(sent).error(),
        "AppFailed: RuntimeError: no luck"
    );
    assert_eq!(
        page.call("g", json!({})).error(),
        "AppFailed: RuntimeError: no luck"
    );
    assert_eq!(page.quit(), (Some(1), true));
}

#[test]
fn an_app_ends_in_time_whatever_its_commands_do() {
    let page = Page::of_all_kinds("bridge-end");
    for name in ["endless", "endless_async", "endless_progress"] {
        let _ = page.send(name, json!({ "name": name }), &json!({}), &[]);
    }
    let _ = page.send(
        "count",
        json!({"to": 1_000_000}),
        &json!({"stream": true}),
        &[],
    );
    page.wait_for(|stats| !stats["made"]["count"].is_null());
    let start = Instant::now();
    assert_eq!(page.quit(), (Some(0), true), "all of them noticed");
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );

    // One that never looks is left behind.
    for (name, args) in [("stuck", json!({})), ("sleep", json!({"seconds": 3600}))] {
        let page = Page::of_all_kinds("bridge-end-stuck");
        let sent = page.send(name, args, &json!({}), &[]);
        assert!(
            page.answer_within(sent, Duration::from_millis(200))
                .is_none()
        );
        assert_eq!(page.call("int", json!({"value": 1})).value(), json!(1));
        let start = Instant::now();
        assert_eq!(page.quit(), (Some(0), false), "{name}");
        assert!(
            start.elapsed() < Duration::from_secs(6),
            "{name}: {:?}",
            start.elapsed()
        );
    }
}
