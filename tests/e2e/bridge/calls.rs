//! Streams, progress, cancellation, events and threads.

use std::time::{Duration, Instant};

use pyxidium_tests::{
    TestContext,
    page::{Answer, Page},
};
use serde_json::{Value, json};

#[test]
fn streams_give_what_the_page_asks_for_and_little_more() {
    let page = Page::of_all_kinds("bridge-streams");
    let numbers = |items: &[Value]| -> Vec<i64> {
        items
            .iter()
            .filter_map(|item| item["number"].as_i64())
            .collect()
    };
    let items = page.stream("count", json!({"to": 1000}));
    assert_eq!(numbers(&items), (0..1000).collect::<Vec<_>>());
    assert_eq!(page.stream("count", json!({"to": 0})), Vec::<Value>::new());
    assert_eq!(
        page.stream("count_async", json!({"to": 1000})),
        (0..1000).map(Value::from).collect::<Vec<_>>()
    );

    // A page that asks once gets what there was; the producer stops soon after.
    for (name, args, most) in [
        ("count", json!({"to": 1_000_000, "name": "many"}), 600),
        (
            "count",
            json!({"to": 1_000_000, "name": "large", "size": 100_000}),
            30,
        ),
        (
            "count_async",
            json!({"to": 1_000_000, "name": "many async"}),
            600,
        ),
    ] {
        let sent = page.send(name, args.clone(), &json!({"stream": true}), &[]);
        assert_eq!(page.answer(sent).value()["done"], false);
        let stream = args["name"].as_str().expect("a name");
        std::thread::sleep(Duration::from_millis(300));
        let made = page.call("stats", json!({})).value()["made"][stream].as_u64();
        assert!(made.is_some_and(|made| made <= most), "{stream}: {made:?}");
        // It goes on when the page does.
        page.op(&json!({"op": "next", "id": sent.id})).value();
        page.wait_for(|stats| stats["made"][stream].as_u64() > made);
        // And ends, with its `finally`, when the page has enough.
        page.op(&json!({"op": "return", "id": sent.id})).value();
        page.wait_for_log(&format!("{stream} ended"));
        let error = page.op(&json!({"op": "next", "id": sent.id})).error();
        assert_eq!(error, format!("BridgeError: no stream {} is open", sent.id));
    }
    // One that waits in the middle of an item, too.
    let sent = page.send(
        "slow_async",
        json!({"name": "slow"}),
        &json!({"stream": true}),
        &[],
    );
    assert_eq!(
        page.answer(sent).value(),
        json!({"items": [1], "done": false})
    );
    page.op(&json!({"op": "return", "id": sent.id})).value();
    page.wait_for_log("slow ended");
    assert_eq!(page.quit(), (Some(0), true));
}

#[test]
fn a_stream_that_fails_gives_its_items_first() {
    let page = Page::of_all_kinds("bridge-stream-errors");
    for (name, expected) in [
        ("broken_stream", "ValueError: no more"),
        (
            "wrong_stream",
            "ReturnError: wrong_stream returned a value that does not fit its annotation: expected int, got str 'two'",
        ),
    ] {
        let sent = page.send(name, json!({}), &json!({"stream": true}), &[]);
        let mut items = Vec::new();
        let mut answer = page.answer(sent);
        let error = loop {
            match answer {
                Answer::Error(_) => break answer.error(),
                other => items.extend(
                    other.value()["items"]
                        .as_array()
                        .cloned()
                        .unwrap_or_default(),
                ),
            }
            answer = page.op(&json!({"op": "next", "id": sent.id}));
        };
        assert_eq!(items.first(), Some(&json!(1)));
        assert_eq!(error, expected);
    }
    let refused = page.call("count", json!({"to": 1})).error();
    assert_eq!(
        refused,
        "BridgeError: count gives one item after another: call it with stream()"
    );
    let refused = page
        .call_with("nothing", json!({}), &json!({"stream": true}))
        .error();
    assert_eq!(
        refused,
        "BridgeError: nothing gives one result: call it with invoke()"
    );
    let refused = page
        .call_with("count", json!({"to": "x"}), &json!({"stream": true}))
        .error();
    assert_eq!(
        refused,
        "ArgumentError: argument 'to': expected int, got the string \"x\""
    );
}

#[test]
fn progress_comes_at_a_bearable_rate_and_the_last_before_the_result() {
    let page = Page::of_all_kinds("bridge-progress");
    let mut poll = page.poll();
    let start = Instant::now();
    let sent = page.send(
        "work",
        json!({"steps": 1000, "seconds": 1.0}),
        &json!({"progress": true}),
        &[],
    );
    let mut updates = Vec::new();
    let result = loop {
        if let Some(answer) = page.answer_within(sent, Duration::from_millis(1)) {
            break answer.value();
        }
        if let Some(answer) = page.answer_within(poll, Duration::from_millis(1)) {
            let answer = answer.value();
            updates.extend(answer["progress"].as_array().cloned().unwrap_or_default());
            poll = page.poll();
        }
    };
    let most = start.elapsed().as_secs_f64() * 30.0 + 2.0;
    assert!(
        updates.len() > 10 && (updates.len() as f64) < most,
        "{} updates",
        updates.len()
    );
    assert!(updates.iter().all(|update| update[0] == sent.id));
    let fractions: Vec<_> = updates
        .iter()
        .filter_map(|update| update[1].as_f64())
        .collect();
    assert!(fractions.is_sorted(), "{fractions:?}");
    assert_eq!(result, json!({"progress": [1.0, "last"], "value": "done"}));

    // An update that came too soon is not lost when nothing follows.
    let sent = page.send("held", json!({}), &json!({"progress": true}), &[]);
    let mut seen = Vec::new();
    while seen.len() < 2 {
        let answer = page
            .answer_within(poll, Duration::from_secs(1))
            .expect("before the result");
        seen.extend(
            answer.value()["progress"]
                .as_array()
                .cloned()
                .unwrap_or_default(),
        );
        poll = page.poll();
    }
    assert_eq!(
        seen,
        [
            json!([sent.id, 0.1, "first"]),
            json!([sent.id, 0.2, "second"])
        ]
    );
    assert_eq!(
        page.answer(sent).value(),
        json!({"progress": null, "value": "done"})
    );
    // A page that does not ask for progress gets a plain result.
    assert_eq!(page.call("track", json!({})).value(), json!(6));
}

#[test]
fn cancelling_ends_calls_of_every_kind() {
    let page = Page::of_all_kinds("bridge-cancel");
    for name in ["endless", "endless_progress", "endless_async", "busy_async"] {
        let sent = page.send(
            name,
            json!({ "name": name }),
            &json!({"progress": true}),
            &[],
        );
        page.wait_for_log(&format!("{name} began"));
        assert_eq!(
            page.op(&json!({"op": "cancel", "id": sent.id})).value(),
            Value::Null
        );
        assert_eq!(
            page.answer(sent).error(),
            "Cancelled: the call was cancelled"
        );
        let stats = page.wait_for_log(&format!("{name} ended"));
        assert!(!stats.to_string().contains("caught"), "{stats}");
    }
    // Neither a call that is over nor one that never was is an error.
    assert_eq!(
        page.op(&json!({"op": "cancel", "id": 1})).value(),
        Value::Null
    );
    assert_eq!(
        page.op(&json!({"op": "cancel", "id": 123_456})).value(),
        Value::Null
    );
    assert_eq!(page.quit(), (Some(0), true));
}

#[test]
fn events_in_both_directions() {
    let page = Page::of_all_kinds("bridge-events");
    let other = page.another("second", "s");
    // Nobody listens yet: this one is for nobody.
    page.call("send", json!({"event": "early"})).value();
    let (polled, polled_other) = (page.poll(), other.poll());
    page.call("send", json!({"event": "all", "data": {"a": 1}}))
        .value();
    let events = json!([["all", {"a": 1}]]);
    assert_eq!(page.answer(polled).value()["events"], events);
    assert_eq!(other.answer(polled_other).value()["events"], events);

    let (polled, polled_other) = (page.poll(), other.poll());
    page.call("send", json!({"event": "one", "window": "second"}))
        .value();
    assert_eq!(
        other.answer(polled_other).value()["events"],
        json!([["one", null]])
    );
    page.raw(b'e', b"[1]".to_vec());
    assert_eq!(
        page.answer(polled).value()["events"],
        json!([["from-rust", [1]]])
    );

    // Between two questions they wait.
    page.call("send", json!({"event": "many", "data": 5, "times": 3}))
        .value();
    let answer = page.answer(page.poll()).value();
    assert_eq!(
        answer["events"],
        json!([["many", 5], ["many", 5], ["many", 5]])
    );
    // But not without end.
    page.call("send", json!({"event": "flood", "times": 10_100}))
        .value();
    let answer = page.answer(page.poll()).value();
    assert_eq!(answer["events"].as_array().map(Vec::len), Some(10_000));
    assert_eq!(answer["lost"], 100);

    // From the page, in their order.
    for number in 0..200 {
        page.answer_to(page.message(
            &json!({"op": "emit", "name": "note"}),
            &number.to_string(),
            &[],
        ));
    }
    for (name, body) in [
        ("bare", "5"),
        ("nobody", "5"),
        ("note", "\"x\""),
        ("note-async", r#"{"a": 1}"#),
    ] {
        page.answer_to(page.message(&json!({"op": "emit", "name": name}), body, &[]))
            .value();
    }
    let mut expected: Vec<Value> = (0..200).map(Value::from).collect();
    expected.extend([json!("bare"), json!({"a": 1})]);
    let start = Instant::now();
    while page.call("heard_so_far", json!({})).value() != json!(expected) {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{}",
            page.stderr()
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    let log = page.stderr();
    assert!(
        log.contains("pyxidium: note: expected int, got the string \"x\""),
        "{log}"
    );
}

#[test]
fn threads_are_pythons_own() {
    let page = Page::of_all_kinds("bridge-threads");
    let process = page.call("process", json!({})).value();
    assert_eq!(process["daemon"], true);
    assert_eq!(process["main"], false);
    assert_eq!(
        process["threads"],
        json!(["MainThread", "pyxidium-worker-1", "pyxidium-worker-2"]),
        "no more threads than are needed"
    );
    assert_eq!(
        page.call("on_the_loop", json!({})).value(),
        json!("pyxidium-loop")
    );

    // Calls that wait do not make others wait.
    let start = Instant::now();
    let sleepers: Vec<_> = (0..20)
        .map(|_| page.send("sleep", json!({"seconds": 0.5}), &json!({}), &[]))
        .collect();
    let mut threads: Vec<_> = sleepers
        .into_iter()
        .map(|sent| page.answer(sent).value().to_string())
        .collect();
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    threads.sort();
    threads.dedup();
    assert_eq!(threads.len(), 20);
}

#[test]
fn asyncio_is_imported_when_it_is_needed() {
    let context = TestContext::new("bridge-asyncio-source");
    let script = context.write(
        "app.py",
        "import sys\nimport pyxidium as px\n\n\
         @px.command\ndef loaded() -> bool: return 'asyncio' in sys.modules\n\n\
         @px.command\nasync def use() -> None: pass\n",
    );
    let page = Page::of("bridge-asyncio", &script, &["--offline"]);
    assert_eq!(page.call("loaded", json!({})).value(), json!(false));
    page.call("use", json!({})).value();
    assert_eq!(page.call("loaded", json!({})).value(), json!(true));
}

#[test]
fn calls_leave_nothing_behind() {
    let page = Page::of_all_kinds("bridge-leaks");
    let rounds = |count: usize| {
        for _ in 0..count {
            page.call("Item", json!({"value": {"name": "a", "tags": ["b"]}}))
                .value();
            drop(page.call("Item", json!({"value": {"name": 1}})).error());
            page.call("views", json!({})).value();
            page.stream("count_async", json!({"to": 3}));
            page.stream("pictures", json!({"number": 1}));
            page.call_with("track", json!({}), &json!({"progress": true}))
                .value();
            drop(page.call("fail", json!({"how": "app"})).error());
            let sent = page.send("endless_async", json!({"name": "x"}), &json!({}), &[]);
            page.op(&json!({"op": "cancel", "id": sent.id})).value();
        }
        page.call("objects", json!({}))
            .value()
            .as_i64()
            .expect("a number")
    };
    let before = rounds(100);
    let after = rounds(300);
    assert!(after - before < 100, "{} objects more", after - before);
}

/// Compiled code never looks at Python: it must hear of it all the same.
#[test]
fn a_kernel_stops_when_its_page_cancels() {
    let context = TestContext::new("bridge-kernel-source");
    let script = context.write(
        "app.py",
        "import time\nimport pyxidium as px\nfrom pyxidium.compute import kernel, prange\n\n\
         @kernel\ndef spin(n):\n    x = 1\n    for i in prange(n):\n        for j in range(n):\n            \
         x += (i * j) & 3\n    return x\n\n\
         log = []\nspin(1)\n\n\
         @px.command\ndef compute(n: int) -> int:\n    log.append('began')\n    try:\n        return spin(n)\n    \
         except px.Cancelled:\n        log.append('cancelled')\n        raise\n\n\
         @px.command\ndef stats() -> dict[str, object]:\n    return {'log': log}\n",
    );
    let page = Page::of("bridge-kernel", &script, &["--offline"]);
    assert_eq!(page.call("compute", json!({"n": 3})).value(), json!(6));
    let sent = page.send("compute", json!({"n": 1_000_000_000}), &json!({}), &[]);
    page.wait_for_log("began");
    std::thread::sleep(Duration::from_millis(100));
    let start = Instant::now();
    page.op(&json!({"op": "cancel", "id": sent.id})).value();
    assert_eq!(
        page.answer(sent).error(),
        "Cancelled: the call was cancelled"
    );
    page.wait_for_log("cancelled");
    // It would have run for a century; how soon exactly is measured in python/tests/compute.
    assert!(start.elapsed() < Duration::from_secs(5));
}
