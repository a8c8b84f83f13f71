//! Calls between page and Python, through a real page.

use pyxidium_tests::window::Window;
use serde_json::json;

use crate::open_client;

#[test]
fn long_call_is_cancelled() {
    let (_context, window) = open_client("calls", "window-cancel");
    for command in ["endless", "endless_async"] {
        let begins = command.replace("endless_", "") + " begins";
        window.js(&format!(
            "globalThis.stop = new AbortController();
             globalThis.call = px.invoke('{command}', {{}}, {{ signal: stop.signal }})
                 .then(() => 'ended', (error) => error.name);"
        ));
        window.expect_stdout(&begins);
        assert_eq!(window.js("stop.abort(); return await call"), "AbortError");
        window.expect_stdout(&begins.replace("begins", "was cancelled"));
    }
    // The workers are free again.
    assert_eq!(window.js("return await px.invoke('work', { steps: 2 })"), 2);
    window.close().expect_success();
}

#[test]
fn reload_of_the_page_cancels_its_calls() {
    let (_context, window) = open_client("calls", "window-reload");
    window.js("px.invoke('endless'); px.invoke('endless_async');");
    window.expect_stdout("endless begins");
    window.expect_stdout("async begins");
    window.js("delete globalThis.px; location.reload();");
    window.expect_stdout("endless was cancelled");
    window.expect_stdout("async was cancelled");
    window.wait_ready("px");
    assert_eq!(window.js("return await px.invoke('work', { steps: 2 })"), 2);
    window.close().expect_success();
}

#[test]
fn progress_reaches_the_page_and_the_last_of_it_always() {
    let (_context, window) = open_client("calls", "window-progress");
    let seen = window.js("const seen = [];
         const start = performance.now();
         await px.invoke('work', { steps: 100 }, { onProgress: (step) => seen.push(step) });
         return { seen, seconds: (performance.now() - start) / 1000 };");
    let steps = seen["seen"].as_array().expect("a list");
    assert_eq!(
        steps.last(),
        Some(&json!({ "fraction": 1, "message": "step 100" }))
    );
    let fractions: Vec<f64> = steps
        .iter()
        .filter_map(|step| step["fraction"].as_f64())
        .collect();
    assert!(
        fractions.is_sorted() && fractions.len() > 2,
        "{fractions:?}"
    );
    let most = seen["seconds"].as_f64().expect("a number") * 30.0 + 2.0;
    #[allow(clippy::cast_precision_loss, reason = "a few dozen")]
    let count = steps.len() as f64;
    assert!(
        count <= most,
        "{count} updates, at most {most} in that time"
    );
    window.close().expect_success();
}

#[test]
fn streams_come_item_by_item_and_can_be_left() {
    let (_context, window) = open_client("calls", "window-streams");
    let all = window.js("const items = [];
         for await (const hit of px.stream('search', { query: 'w' })) items.push(hit);
         return items;");
    assert_eq!(
        all,
        json!([{ "word": "w", "line": 0 }, { "word": "w", "line": 1 }, { "word": "w", "line": 2 }])
    );
    let first = window.js(
        "for await (const number of px.stream('count', { to: 1000000 })) {
             if (number === 2) return number;
         }",
    );
    assert_eq!(first, 2);
    window.expect_stdout("the stream is closed");
    let made = window.process().stdout().matches("made ").count();
    assert!(
        made < 10_000,
        "{made} items were made for a page that took three"
    );
    window.close().expect_success();
}

#[test]
fn bytes_travel_as_they_are() {
    let (_context, window) = open_client("calls", "window-bytes");
    let answer = window.js("const sent = new Uint8Array(5_000_000);
         for (let i = 0; i < sent.length; i += 1) sent[i] = i % 251;
         const got = await px.invoke('reverse', { data: sent });
         return got instanceof Uint8Array && got.length === sent.length
             && got.every((byte, i) => byte === sent[sent.length - 1 - i]);");
    assert_eq!(answer, true);
    window.close().expect_success();
}

fn error(window: &Window, call: &str) -> serde_json::Value {
    window.js(&format!(
        "try {{ await {call}; }} catch (error) {{
             return {{ type: error.type, message: error.message, argument: error.argument ?? null,
                       traceback: error.traceback ?? null, ours: error instanceof px.PythonError }};
         }}"
    ))
}

#[test]
fn errors_are_typed_and_carry_no_traceback() {
    let (_context, window) = open_client("calls", "window-errors");
    let raised = error(&window, "px.invoke('divide', { a: 1, b: 0 })");
    assert_eq!(raised["type"], "ZeroDivisionError");
    assert_eq!(raised["ours"], true);
    assert_eq!(raised["traceback"], json!(null), "in a sealed app");
    let wrong = error(&window, "px.invoke('divide', { a: 'x', b: 1 })");
    assert_eq!(wrong["type"], "ArgumentError");
    assert_eq!(wrong["argument"], "a");
    assert!(
        wrong["message"].as_str().unwrap().contains("int"),
        "{wrong}"
    );
    let unknown = error(&window, "px.invoke('print', { text: 'x' })");
    assert!(
        unknown["message"].as_str().unwrap().contains("print"),
        "{unknown}"
    );
    window.close().expect_success();
}
