//! What a hostile page may try.

use std::time::{Duration, Instant};

use pyxidium_tests::{
    TestContext,
    page::{Answer, Binary, Page, frame_of},
};
use serde_json::json;

#[test]
fn only_registered_names_can_be_called() {
    let page = Page::of_all_kinds("bridge-names");
    for name in [
        "",
        "__class__",
        "nothing.__globals__",
        "nothing.__code__",
        "os.system",
        "eval",
        "builtins.eval",
        "both_ways",
        "KINDS",
        "_pyxidium_bridge.work",
        "nothing ",
        "Nothing",
        "nothing\0",
        "\u{1f600}",
    ] {
        let error = page.call(name, json!({})).error();
        assert!(
            error.starts_with("UnknownCommand: no command "),
            "{name}: {error}"
        );
    }
    let long = page.call(&"x".repeat(10_000), json!({})).error();
    assert!(long.len() < 200, "{long}");
    let longer = page.call(&"x".repeat(100_000), json!({})).error();
    assert_eq!(
        longer,
        "BridgeError: the message's head is longer than 64 KB"
    );
}

#[test]
fn garbage_is_answered_with_an_error() {
    let page = Page::of_all_kinds("bridge-garbage");
    let head = r#"{"op":"call","session":"first","id":1,"name":"Any"}"#;
    let deep = format!("{{\"value\":{}{}}}", "[".repeat(200), "]".repeat(200));
    let bottomless = format!("{{\"value\":{}", "[".repeat(5_000_000));
    let wide_patch =
        r#"[{"at":["value"],"kind":"array","dtype":"uint8","start":0,"length":99999999}]"#;
    for (bytes, expected) in [
        (Vec::new(), "BridgeError: the message does not begin"),
        (b"{}".to_vec(), "BridgeError: the message does not begin"),
        (vec![0xff; 1000], "BridgeError: the message does not begin"),
        (
            b"PXB1\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
            "BridgeError: the message ends in the middle of its head",
        ),
        (
            frame_of(["", "", ""], b""),
            "BridgeError: the message's head is not valid",
        ),
        (
            frame_of(["{}", "", ""], b""),
            "BridgeError: the message's head is not valid: missing field `op`",
        ),
        (
            frame_of([r#"{"op":"exec"}"#, "", ""], b""),
            "BridgeError: the message's head is not valid: unknown variant",
        ),
        (
            frame_of(
                [
                    r#"{"op":"call","session":"first","id":-1,"name":"Any"}"#,
                    "",
                    "",
                ],
                b"",
            ),
            "BridgeError: the message's head is not valid",
        ),
        (
            frame_of(
                [
                    r#"{"op":"call","session":"other","id":1,"name":"Any"}"#,
                    "",
                    "",
                ],
                b"",
            ),
            "PageGone: this page has been left",
        ),
        (
            frame_of([head, "{", ""], b""),
            "BridgeError: not JSON at byte 1",
        ),
        (
            frame_of([head, "{\"value\":1}}", ""], b""),
            "BridgeError: not JSON at byte 11: expected the end",
        ),
        (
            frame_of([head, "{\"value\":nan}", ""], b""),
            "BridgeError: not JSON",
        ),
        (
            frame_of([head, "{\"value\":01}", ""], b""),
            "BridgeError: not JSON",
        ),
        (
            frame_of([head, &deep, ""], b""),
            "ArgumentError: argument 'value",
        ),
        (
            frame_of([head, &bottomless, ""], b""),
            "ArgumentError: argument 'value",
        ),
        (
            frame_of([head, "{\"value\":1}", "[1]"], b""),
            "BridgeError: the message's patches is not valid",
        ),
        (
            frame_of([head, "{\"value\":1}", wide_patch], b""),
            "BridgeError: the message's patches is not valid: an array lies outside",
        ),
    ] {
        let tag = page.raw(b'm', bytes.clone());
        let error = page.answer_to(tag).error();
        assert!(
            error.starts_with(expected),
            "{}\n{error}",
            String::from_utf8_lossy(&bytes[..bytes.len().min(80)])
        );
    }
    let mut invalid = frame_of([head, "{\"value\":\"ab\"}", ""], b"");
    let at = invalid
        .windows(2)
        .position(|two| two == b"ab")
        .expect("it is there");
    invalid[at] = 0xff;
    let tag = page.raw(b'm', invalid);
    assert!(
        page.answer_to(tag)
            .error()
            .starts_with("BridgeError: the message's body is not valid")
    );

    // Random bytes after a sound beginning: an answer each time, whatever it is.
    let mut seed = 1_u64;
    for _ in 0..2000 {
        let mut bytes = frame_of([head, "{\"value\":[1,\"a\",{\"b\":null}]}", "[]"], &[0; 8]);
        for _ in 0..3 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = (seed >> 33) as usize % bytes.len();
            bytes[at] = (seed >> 20) as u8;
        }
        let tag = page.raw(b'm', bytes);
        let _ = page.answer_to(tag);
        drop(page.another("main", "first"));
    }
    assert_eq!(page.call("int", json!({"value": 5})).value(), json!(5));
    assert_eq!(page.quit(), (Some(0), true));
}

#[test]
fn large_texts() {
    let page = Page::of_all_kinds("bridge-large-text");
    let text = "é".repeat(50 << 20);
    assert_eq!(
        page.call("str", json!({ "value": text })).value(),
        json!(text)
    );
    assert_eq!(
        page.call("int", json!({ "value": text })).error(),
        format!(
            "ArgumentError: argument 'value': expected int, got a string that begins \"{}\"",
            "é".repeat(40)
        )
    );
    let number = "9".repeat(1 << 20);
    let tag = page.message(
        &json!({"op": "call", "id": 77, "name": "int"}),
        &format!("{{\"value\":{number}}}"),
        &[],
    );
    let error = page.answer_to(tag).error();
    assert!(error.contains("Exceeds the limit (4300 digits)"), "{error}");
}

#[test]
fn a_flood_is_refused_in_time_and_forgotten() {
    let page = Page::of_all_kinds("bridge-flood");
    page.call("nothing", json!({})).value();
    // Nobody takes a job: all workers that there may be are busy.
    let busy: Vec<_> = (0..40)
        .map(|_| page.send("endless", json!({"name": "busy"}), &json!({}), &[]))
        .collect();
    let before = page.memory();
    let args = json!({"value": "x".repeat(200)});
    let sent: Vec<_> = (0..100_000)
        .map(|_| page.send("str", args.clone(), &json!({}), &[]))
        .collect();
    let grown = page.memory().saturating_sub(before);
    assert!(grown < 100 << 20, "{} MB for calls that wait", grown >> 20);
    // The last ones were refused at once.
    for sent in &sent[20_000..] {
        assert_eq!(
            page.answer(*sent).error(),
            "TooManyCalls: too many calls waiting: 16384"
        );
    }
    for sent in busy {
        page.op(&json!({"op": "cancel", "id": sent.id})).value();
    }
    let mut answered = 0;
    for sent in &sent[..20_000] {
        match page.answer(*sent) {
            Answer::Value(value) => {
                assert_eq!(value, args["value"]);
                answered += 1;
            }
            other => assert!(other.error().starts_with("TooManyCalls")),
        }
    }
    assert!(
        (16_000..=16_384).contains(&answered),
        "{answered} were answered"
    );
    // And after the flood all is as before.
    assert_eq!(page.call("int", json!({"value": 1})).value(), json!(1));
    assert_eq!(page.quit(), (Some(0), true));
}

#[test]
fn many_small_calls_are_no_flood() {
    let page = Page::of_all_kinds("bridge-many");
    let sent: Vec<_> = (0..10_000)
        .map(|value| page.send("int", json!({ "value": value }), &json!({}), &[]))
        .collect();
    for (value, sent) in sent.into_iter().enumerate() {
        assert_eq!(page.answer(sent).value(), json!(value));
    }
    let threads = page.call("process", json!({})).value()["threads"]
        .as_array()
        .map(Vec::len);
    assert!(
        threads.is_some_and(|count| count < 20),
        "{threads:?} threads for short calls"
    );
}

#[test]
fn limits_of_other_kinds() {
    let page = Page::of_all_kinds("bridge-limits");
    // A number that is taken.
    let first = page.send("sleep", json!({"seconds": 0.3}), &json!({"id": 7}), &[]);
    let second = page.send("sleep", json!({"seconds": 0.3}), &json!({"id": 7}), &[]);
    assert_eq!(
        page.answer(second).error(),
        "BridgeError: call 7 is running: every call needs a new number"
    );
    page.answer(first).value();
    let third = page.send("nothing", json!({}), &json!({"id": 7}), &[]);
    page.answer(third).value();

    // Two questions for events at once: the second ends the first.
    let (one, two) = (page.poll(), page.poll());
    assert_eq!(page.answer(one).value(), json!({}));
    page.call("send", json!({"event": "x"})).value();
    assert_eq!(page.answer(two).value()["events"], json!([["x", null]]));

    // Two questions to one stream.
    let sent = page.send(
        "slow_async",
        json!({"name": "twice"}),
        &json!({"stream": true}),
        &[],
    );
    page.answer(sent).value();
    let waiting = page.message(&json!({"op": "next", "id": sent.id}), "", &[]);
    assert_eq!(
        page.op(&json!({"op": "next", "id": sent.id})).error(),
        "BridgeError: the stream was asked already"
    );
    page.op(&json!({"op": "cancel", "id": sent.id})).value();
    assert_eq!(
        page.answer_to(waiting).error(),
        "Cancelled: the call was cancelled"
    );

    // Streams that nobody reads do not keep others from being called.
    let open: Vec<_> = (0..70)
        .map(|_| {
            page.send(
                "count",
                json!({"to": 1_000_000}),
                &json!({"stream": true}),
                &[],
            )
        })
        .collect();
    let refused = open
        .iter()
        .filter(|sent| matches!(page.answer(**sent), Answer::Error(_)))
        .count();
    assert_eq!(refused, 6, "64 may be open");
    assert_eq!(page.call("int", json!({"value": 1})).value(), json!(1));

    // Half a gigabyte of arguments may wait, no more.
    let data = vec![0; 100 << 20];
    for _ in 0..40 {
        let _ = page.send("endless", json!({"name": "x"}), &json!({}), &[]);
    }
    let refused = (0..6).any(|_| {
        let binary = Binary {
            at: json!(["data"]),
            dtype: "uint8",
            shape: None,
            bytes: &data,
        };
        let sent = page.send("length", json!({"data": null}), &json!({}), &[binary]);
        let answer = page.answer_within(sent, Duration::from_millis(200));
        answer.is_some_and(|answer| {
            answer.error() == "TooManyCalls: too many calls waiting: 512 MB of arguments"
        })
    });
    assert!(refused);
    assert_eq!(page.quit(), (Some(0), true));
}

#[test]
fn a_union_cannot_be_made_to_look_forever() {
    let context = TestContext::new("bridge-ambiguous-source");
    let script = context.write(
        "app.py",
        "from dataclasses import dataclass\nimport pyxidium as px\n\n\
         @dataclass\nclass A:\n    x: 'A | B | None' = None\n\n\
         @dataclass\nclass B:\n    x: 'B | A | None' = None\n    y: int = 0\n\n\
         @px.command\ndef f(v: A | B) -> None: pass\n",
    );
    let page = Page::of("bridge-ambiguous", &script, &["--offline"]);
    let levels = 60;
    let value = format!(
        "{{\"v\":{}{{\"y\":\"?\"}}{}}}",
        "{\"x\":".repeat(levels),
        "}".repeat(levels)
    );
    let start = Instant::now();
    let tag = page.message(&json!({"op": "call", "id": 1, "name": "f"}), &value, &[]);
    let error = page.answer_to(tag).error();
    assert!(error.starts_with("ArgumentError"), "{error}");
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_flood_of_events_is_refused_too() {
    let page = Page::of_all_kinds("bridge-event-flood");
    let emit = |name: &str| page.message(&json!({"op": "emit", "name": name}), "null", &[]);
    page.answer_to(emit("slow")).value();
    page.wait_for_log("slow began");
    let sent: Vec<_> = (0..20_000).map(|_| emit("bare")).collect();
    let refused = sent
        .into_iter()
        .filter(|tag| matches!(page.answer_to(*tag), Answer::Error(_)))
        .count();
    assert_eq!(refused, 20_000 - 16_384);
}
