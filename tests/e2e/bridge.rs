//! Calls between a page and Python, without a window: conversion, errors, streams, cancellation.
//!
//! What a hostile page can do, and how an app ends, is in `bridge_hostile.rs`.

use std::time::{Duration, Instant};

use pyxidium_tests::{
    TestContext,
    context::{offline, workspace},
    page::{Answer, Binary, Page},
};
use serde_json::{Value, json};

#[test]
fn every_type_goes_both_ways() {
    let page = Page::of_all_kinds("bridge-types");
    // The command is named after its type: what the page says, what Python has of it, and what
    // comes back where that is not the same.
    let cases = [
        (
            "Any",
            json!({"a": [1, 2.5, "é", null, true]}),
            "{'a': [1, 2.5, 'é', None, True]}",
        ),
        ("None", json!(null), "None"),
        ("bool", json!(true), "True"),
        ("int", json!(-7), "-7"),
        ("float", json!(2.5), "2.5"),
        ("str", json!("a\n\"\\\u{1f600}\u{1}"), "'a\\n\"\\\\😀\\x01'"),
        ("list[int]", json!([1, 2]), "[1, 2]"),
        ("Sequence[str]", json!(["a"]), "['a']"),
        ("Mapping[str, int]", json!({"a": 1}), "{'a': 1}"),
        ("tuple[int, str]", json!([1, "a"]), "(1, 'a')"),
        ("tuple[int, ...]", json!([1, 2, 3]), "(1, 2, 3)"),
        ("set[int]", json!([1]), "{1}"),
        ("frozenset[str]", json!(["a"]), "frozenset({'a'})"),
        ("dict[str, int]", json!({"a": 1}), "{'a': 1}"),
        ("dict[int, str]", json!({"1": "a"}), "{1: 'a'}"),
        (
            "dict[Colour, int]",
            json!({"red": 1}),
            "{<Colour.RED: 'red'>: 1}",
        ),
        ("deque[int]", json!([1, 2]), "deque([1, 2])"),
        ("Counter[str]", json!({"a": 2}), "Counter({'a': 2})"),
        ("Literal", json!("a"), "'a'"),
        ("Literal", json!(1), "1"),
        ("Literal", json!(true), "True"),
        ("Literal", json!(null), "None"),
        ("Colour", json!("red"), "<Colour.RED: 'red'>"),
        ("Level", json!(2), "<Level.HIGH: 2>"),
        ("Rights", json!(3), "<Rights.READ|WRITE: 3>"),
        ("Point", json!([1, 2]), "Point(x=1, y=2)"),
        ("Options", json!({"depth": 1}), "{'depth': 1}"),
        (
            "Options",
            json!({"depth": 1, "name": "n"}),
            "{'depth': 1, 'name': 'n'}",
        ),
        ("int | str", json!(1), "1"),
        ("int | str", json!("1"), "'1'"),
        ("float | int", json!(1), "1"),
        ("float | int", json!(1.5), "1.5"),
        ("Item | None", json!(null), "None"),
        (
            "datetime",
            json!("2026-01-02T03:04:05+00:00"),
            "datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)",
        ),
        ("date", json!("2026-01-02"), "datetime.date(2026, 1, 2)"),
        ("time", json!("03:04:05"), "datetime.time(3, 4, 5)"),
        (
            "timedelta",
            json!(90.5),
            "datetime.timedelta(seconds=90, microseconds=500000)",
        ),
        ("Path", json!("/a/b c"), "PosixPath('/a/b c')"),
        (
            "UUID",
            json!("12345678-1234-5678-1234-567812345678"),
            "UUID('12345678-1234-5678-1234-567812345678')",
        ),
        ("Decimal", json!("1.10"), "Decimal('1.10')"),
        ("UserId", json!(7), "7"),
        ("Annotated", json!(7), "7"),
        (
            "Json",
            json!({"a": [1, null, {"b": "c"}]}),
            "{'a': [1, None, {'b': 'c'}]}",
        ),
    ];
    for (kind, value, repr) in cases {
        let answer = page.call(kind, json!({ "value": value }));
        assert_eq!(answer, Answer::Value(value), "{kind}");
        let got = format!("{kind} got {repr}\n");
        assert!(page.stderr().contains(&got), "{got}{}", page.stderr());
    }
    // Where more comes back than was said.
    let item = |name: &str, price: f64, parts: Value| json!({"name": name, "price": price, "tags": [], "parts": parts});
    let whole = item("a", 1.5, json!([item("b", 2.0, json!([]))]));
    let said = json!({"name": "a", "parts": [{"name": "b", "price": 2}]});
    for (kind, said, came) in [
        ("Item", said.clone(), whole.clone()),
        ("Item | list[Item]", json!([said]), json!([whole])),
        (
            "datetime",
            json!("2026-01-02T03:04:05Z"),
            json!("2026-01-02T03:04:05+00:00"),
        ),
        ("Decimal", json!(1.5), json!("1.5")),
        ("float", json!(3), json!(3.0)),
    ] {
        assert_eq!(
            page.call(kind, json!({ "value": said })),
            Answer::Value(came),
            "{kind}"
        );
    }
    assert_eq!(page.quit(), (Some(0), true));
}

#[test]
fn numbers_and_texts_that_json_does_not_have() {
    let page = Page::of_all_kinds("bridge-patches");
    let patched = |kind: &str, name: &str, digits: &str| {
        let patch = json!([{"at": ["value"], "kind": kind}]).to_string();
        let body = json!({ "value": digits }).to_string();
        let head = json!({"op": "call", "session": "first", "id": 90, "name": name}).to_string();
        let tag = page.raw(
            b'm',
            pyxidium_tests::page::frame_of([&head, &body, &patch], b""),
        );
        page.answer_to(tag)
    };
    let large = "-1180591620717411303424";
    let int = json!([{"at": [], "kind": "int"}]);
    let float = json!([{"at": [], "kind": "float"}]);
    for name in ["int", "Any", "int | str"] {
        assert_eq!(
            patched("int", name, large),
            Answer::Frame(json!(large), int.clone(), Vec::new()),
            "{name}"
        );
    }
    for special in ["NaN", "Infinity", "-Infinity"] {
        for name in ["float", "Any"] {
            assert_eq!(
                patched("float", name, special),
                Answer::Frame(json!(special), float.clone(), Vec::new())
            );
        }
    }
    assert_eq!(
        patched("int", "int", "x").error(),
        "ArgumentError: argument 'value': invalid literal for int() with base 10: 'x'"
    );
    assert_eq!(
        patched("float", "int", "NaN").error(),
        "ArgumentError: argument 'value': expected int, got NaN or infinity"
    );

    let answer = page.call("any_result", json!({"how": "big"}));
    assert_eq!(
        answer,
        Answer::Frame(
            json!([
                9_007_199_254_740_991_i64,
                "9007199254740992",
                "-1180591620717411303424"
            ]),
            json!([{"at": [1], "kind": "int"}, {"at": [2], "kind": "int"}]),
            Vec::new()
        )
    );
    let Answer::Frame(values, patches, _) = page.call("any_result", json!({"how": "special"}))
    else {
        panic!("a frame was expected");
    };
    assert_eq!(values, json!(["NaN", "Infinity", "-Infinity", -0.0, 1e300]));
    assert_eq!(patches.as_array().map(Vec::len), Some(3));

    // JavaScript writes large integers like this.
    let tag = page.message(
        &json!({"op": "call", "id": 91, "name": "int"}),
        r#"{"value": 1e+21}"#,
        &[],
    );
    assert_eq!(page.answer_to(tag).value(), json!("1000000000000000000000"));

    // A file name that is no valid text comes back as it was.
    let tag = page.message(
        &json!({"op": "call", "id": 92, "name": "Path"}),
        r#"{"value": "a\udc80b"}"#,
        &[],
    );
    assert_eq!(
        page.answer_to(tag).value(),
        json!({"text": r#""a\udc80b""#})
    );
}

#[test]
fn arguments_are_checked_before_the_function_runs() {
    let page = Page::of_all_kinds("bridge-arguments");
    let nested = json!({"name": "a", "parts": [{"name": "b"}, {"name": 3}]});
    for (name, args, expected) in [
        (
            "int",
            json!({"value": "x"}),
            "argument 'value': expected int, got the string \"x\"",
        ),
        (
            "int",
            json!({"value": 2.5}),
            "argument 'value': expected int, got the number 2.5",
        ),
        (
            "int",
            json!({"value": true}),
            "argument 'value': expected int, got true",
        ),
        (
            "bool",
            json!({"value": 1}),
            "argument 'value': expected bool, got the number 1",
        ),
        (
            "str",
            json!({"value": null}),
            "argument 'value': expected str, got null",
        ),
        (
            "float",
            json!({"value": [1]}),
            "argument 'value': expected float, got an array",
        ),
        (
            "bytes",
            json!({"value": [1, 2]}),
            "argument 'value': expected bytes, got an array",
        ),
        (
            "list[int]",
            json!({"value": [1, "2"]}),
            "argument 'value[1]': expected int, got the string \"2\"",
        ),
        (
            "tuple[int, str]",
            json!({"value": [1]}),
            "argument 'value': expected tuple[int, str], got an array of 1",
        ),
        (
            "tuple[int, str]",
            json!({"value": [1, "a", 2]}),
            "argument 'value': expected tuple[int, str], got an array of 3",
        ),
        (
            "dict[str, int]",
            json!({"value": {"a b": null}}),
            "argument 'value[\"a b\"]': expected int, got null",
        ),
        (
            "dict[int, str]",
            json!({"value": {"x": "a"}}),
            "argument 'value': expected int, got the key \"x\"",
        ),
        (
            "dict[Colour, int]",
            json!({"value": {"green": 1}}),
            "argument 'value': expected 'red' | 'blue', got the key \"green\"",
        ),
        (
            "set[int]",
            json!({"value": {}}),
            "argument 'value': expected set[int], got an object",
        ),
        (
            "Literal",
            json!({"value": "b"}),
            "argument 'value': expected 'a' | 1 | True | None, got the string \"b\"",
        ),
        (
            "Literal",
            json!({"value": false}),
            "argument 'value': expected 'a' | 1 | True | None, got false",
        ),
        (
            "Level",
            json!({"value": true}),
            "argument 'value': expected 1 | 2, got true",
        ),
        (
            "Colour",
            json!({"value": "RED"}),
            "argument 'value': expected 'red' | 'blue', got the string \"RED\"",
        ),
        (
            "Rights",
            json!({"value": 8}),
            "argument 'value': <flag 'Rights'> invalid value 8",
        ),
        (
            "Item",
            json!({"value": nested}),
            "argument 'value.parts[1].name': expected str, got the number 3",
        ),
        (
            "Item",
            json!({"value": {}}),
            "argument 'value.name': missing: Item needs it",
        ),
        (
            "Item",
            json!({"value": {"name": "a", "colour": 1}}),
            "argument 'value.colour': Item has no such field, but name, price, tags, parts",
        ),
        (
            "Item",
            json!({"value": {"name": "a", "price": -1}}),
            "argument 'value': the price must not be negative",
        ),
        (
            "Options",
            json!({"value": {"name": "n"}}),
            "argument 'value.depth': missing: Options needs it",
        ),
        (
            "Item | None",
            json!({"value": {"name": 1}}),
            "argument 'value.name': expected str, got the number 1",
        ),
        (
            "int | str",
            json!({"value": []}),
            "argument 'value': expected int | str, got an array",
        ),
        (
            "datetime",
            json!({"value": 5}),
            "argument 'value': expected datetime, got the number 5",
        ),
        (
            "datetime",
            json!({"value": "soon"}),
            "argument 'value': Invalid isoformat string: 'soon'",
        ),
        ("timedelta", json!({"value": 1e300}), "argument 'value': "),
        (
            "UUID",
            json!({"value": "1"}),
            "argument 'value': badly formed hexadecimal UUID string",
        ),
        (
            "Decimal",
            json!({"value": "x"}),
            "argument 'value': expected Decimal, got the string 'x'",
        ),
        ("int", json!({}), "argument 'value': missing: expected int"),
        (
            "int",
            json!({"value": 1, "other": 2}),
            "argument 'other': unexpected: int takes value",
        ),
        (
            "nothing",
            json!({"x": 2}),
            "argument 'x': unexpected: nothing takes no arguments",
        ),
        (
            "int",
            json!([1]),
            "the arguments must be an object: { name: value }",
        ),
        (
            "int",
            json!("x".repeat(10)),
            "the arguments must be an object: { name: value }",
        ),
    ] {
        let error = page.call(name, args.clone()).error();
        let expected = format!("ArgumentError: {expected}");
        assert!(
            error.starts_with(&expected),
            "{name} {args}\n{error}\n{expected}"
        );
    }
    // The place is there for a form to show it.
    let Answer::Error(error) = page.call("list[int]", json!({"value": ["a"]})) else {
        panic!("it is an error");
    };
    assert_eq!(error["argument"], "value[0]");
    // No function ran.
    assert!(!page.stderr().contains("got"), "{}", page.stderr());
}

#[test]
fn signatures() {
    let page = Page::of_all_kinds("bridge-signatures");
    let call = |args: Value| page.call("signature", args);
    assert_eq!(
        call(json!({"first": 1, "only": "x"})).value(),
        json!({"first": 1, "second": 2, "rest": [], "only": "x", "other": "o", "more": {}})
    );
    assert_eq!(
        call(json!({"only": "x", "rest": [5, 6], "first": 1, "second": 3, "other": "p", "k": 1.5}))
            .value(),
        json!({"first": 1, "second": 3, "rest": [5, 6], "only": "x", "other": "p", "more": {"k": 1.5}})
    );
    for (args, expected) in [
        (
            json!({"first": 1}),
            "argument 'only': missing: expected str",
        ),
        (
            json!({"only": "x"}),
            "argument 'first': missing: expected int",
        ),
        (
            json!({"first": 1, "only": "x", "rest": 5}),
            "argument 'rest': expected list[int], got the number 5",
        ),
        (
            json!({"first": 1, "only": "x", "k": "v"}),
            "argument 'k': expected float, got the string \"v\"",
        ),
    ] {
        assert_eq!(call(args).error(), format!("ArgumentError: {expected}"));
    }
    assert_eq!(page.call("nothing", Value::Null).value(), Value::Null);
    assert_eq!(
        page.call("by another name", json!({"a": "x"})).value(),
        json!(["x", 3])
    );
    assert!(
        page.call("renamed", json!({"a": 1}))
            .error()
            .starts_with("UnknownCommand")
    );
}

#[test]
fn results_are_checked() {
    let page = Page::of_all_kinds("bridge-results");
    for (how, expected) in [
        (
            "text",
            "a value that does not fit its annotation: expected dict[str, list[int]], got str 'no dict'",
        ),
        (
            "item",
            "a value that does not fit its annotation at 'a[1]': expected int, got str 'two'",
        ),
        (
            "key",
            "a value that does not fit its annotation at '[\"1\"]': expected str, got int 1",
        ),
        (
            "set",
            "a value that does not fit its annotation at 'a': expected list[int], got set {1}",
        ),
    ] {
        let error = page.call("wrong_result", json!({ "how": how })).error();
        assert_eq!(
            error,
            format!("ReturnError: wrong_result returned {expected}")
        );
        assert!(page.stderr().contains(expected), "the author sees it too");
    }
    for (how, expected) in [
        ("object", "object has no form that a page could have"),
        (
            "generator",
            "generator has no form that a page could have: make a list of it",
        ),
        ("cycle", "nested deeper than 128 levels"),
        ("key", "a key must be text or a number, not tuple"),
        ("complex", "complex has no form that a page could have"),
    ] {
        let error = page.call("any_result", json!({ "how": how })).error();
        assert!(error.contains(expected), "{how}: {error}");
    }
    let item = json!({"name": "i", "price": 1.5, "tags": [], "parts": []});
    assert_eq!(
        page.call("any_result", json!({"how": "mixed"})).value(),
        json!(["red", "/a", {"1": "2026-01-02"}, item, [3], [0, 1, 2]])
    );
    assert_eq!(
        page.call("any_result", json!({"how": "keys"})).value(),
        json!({"true": 1, "2.5": 2, "blue": 3})
    );
}

#[test]
fn exceptions_reach_the_page_with_their_type() {
    let page = Page::of_all_kinds("bridge-exceptions");
    let fail = |how: &str| match page.call("fail", json!({ "how": how })) {
        Answer::Error(error) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        fail("value"),
        json!({"type": "ValueError", "message": "bad value: é"})
    );
    assert_eq!(
        fail("app"),
        json!({"type": "NotFound", "message": "no such file", "code": "not-found", "data": {"path": "a.txt"}})
    );
    assert_eq!(fail("exit"), json!({"type": "SystemExit", "message": "3"}));
    assert_eq!(
        fail("unprintable"),
        json!({"type": "fail.<locals>.Odd", "message": "(the exception cannot be shown)"})
    );
    assert_eq!(fail("deep")["type"], "RecursionError");
    assert_eq!(
        page.call("fail_async", json!({})).error(),
        "KeyError: 'missing'"
    );
    // What the app did not mean for its page is in its log; what it did is not.
    let log = page.stderr();
    assert!(
        log.contains("ValueError: bad value: é") && log.contains("Traceback"),
        "{log}"
    );
    assert!(!log.contains("no such file"), "{log}");

    // Tracebacks are for developers.
    page.raw(b'd', Vec::new());
    let traceback = fail("value")["traceback"].as_str().unwrap_or("").to_owned();
    assert!(
        traceback.contains("app.py\", line") && traceback.ends_with("ValueError: bad value: é\n"),
        "{traceback}"
    );
}

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
fn binary_data_is_neither_text_nor_json() {
    let page = Page::of_all_kinds("bridge-binary");
    let binary = |dtype| Binary {
        at: json!(["value"]),
        dtype,
        shape: None,
        bytes: b"abcdefgh",
    };
    let send = |name: &str, binary: Binary<'_>| {
        let sent = page.send(name, json!({"value": null}), &json!({}), &[binary]);
        page.answer(sent)
    };
    let uint8 = json!([{"at": [], "kind": "array", "dtype": "uint8", "start": 0, "length": 8}]);
    for name in ["bytes", "bytearray", "memoryview", "Any"] {
        let expected = Answer::Frame(Value::Null, uint8.clone(), b"abcdefgh".to_vec());
        assert_eq!(send(name, binary("uint8")), expected, "{name}");
    }
    let doubles = json!([{"at": [], "kind": "array", "dtype": "float64", "shape": [1], "start": 0, "length": 8}]);
    assert_eq!(
        send("Any", binary("float64")),
        Answer::Frame(Value::Null, doubles, b"abcdefgh".to_vec())
    );
    assert_eq!(
        send("bytes", binary("float64")).error(),
        "ArgumentError: argument 'value': expected bytes, got an array of float64"
    );
    assert_eq!(
        send("str", binary("uint8")).error(),
        "ArgumentError: argument 'value': expected str, got binary data"
    );

    let Answer::Frame(_, patches, buffers) = page.call("views", json!({})) else {
        panic!("a frame was expected");
    };
    let part = |name: &str| {
        let patch = patches
            .as_array()
            .into_iter()
            .flatten()
            .find(|patch| patch["at"] == json!([name]));
        let patch = patch.unwrap_or_else(|| panic!("{name}: {patches}"));
        let start = patch["start"].as_u64().expect("a place") as usize;
        let length = patch["length"].as_u64().expect("a length") as usize;
        (
            patch["dtype"].as_str().expect("a type").to_owned(),
            buffers[start..start + length].to_vec(),
        )
    };
    assert_eq!(part("bytes"), ("uint8".into(), b"ab".to_vec()));
    assert_eq!(part("bytearray"), ("uint8".into(), b"cd".to_vec()));
    assert_eq!(part("memoryview"), ("uint8".into(), b"eg".to_vec()));
    let doubles = [1.5_f64, 2.5].map(f64::to_le_bytes).concat();
    assert_eq!(part("array"), ("float64".into(), doubles));
    assert_eq!(part("shorts"), ("int16".into(), vec![1, 0, 2, 0, 3, 0]));
    assert_eq!(part("empty"), ("uint8".into(), Vec::new()));

    // Items of streams, among others that have none.
    let sent = page.send(
        "pictures",
        json!({"number": 3}),
        &json!({"stream": true}),
        &[],
    );
    let mut answer = page.answer(sent);
    let (mut indexes, mut pixels) = (Vec::new(), Vec::new());
    loop {
        if let Answer::Frame(_, patches, buffers) = &answer {
            assert_eq!(patches[0]["at"], json!(["items", 0, "bytes"]));
            pixels.push(buffers[0]);
        }
        let value = answer.value();
        indexes.extend(
            value["items"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|item| item["index"].as_u64()),
        );
        if value["done"] == true {
            break;
        }
        answer = page.op(&json!({"op": "next", "id": sent.id}));
    }
    assert_eq!((indexes, pixels), (vec![0, 0, 1, 1, 2, 2], vec![0, 1, 2]));
}

#[test]
fn a_hundred_megabytes_each_way() {
    const SIZE: usize = 100 << 20;
    let page = Page::of_all_kinds("bridge-large");
    page.call("nothing", json!({})).value();
    let data = vec![7_u8; SIZE];
    let binary = Binary {
        at: json!(["data"]),
        dtype: "uint8",
        shape: None,
        bytes: &data,
    };
    let sent = page.send("length", json!({"data": null}), &json!({}), &[binary]);
    assert_eq!(page.answer(sent).value(), json!(SIZE));
    match page.call("zeros", json!({"size": SIZE})) {
        Answer::Frame(_, _, buffers) => assert_eq!(buffers.len(), SIZE),
        other => panic!("{other:?}"),
    }
    // Nothing of it is kept.
    let start = Instant::now();
    while page.memory() > 90 << 20 {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{} bytes stay",
            page.memory()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
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

/// The same from packages that an app may carry.
#[test]
fn numpy_and_pydantic() {
    if offline() {
        return;
    }
    let script = workspace().join("tests/bridge/packages.py");
    let page = Page::of("bridge-packages", &script, &[]);
    let doubles = |values: &[f64]| {
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect::<Vec<_>>()
    };
    let matrix = doubles(&[1.0, 2.0, 3.0, 4.0]);
    let send = |name: &str, dtype: &'static str, shape: Option<Vec<usize>>, bytes: &[u8]| {
        let binary = Binary {
            at: json!(["array"]),
            dtype,
            shape,
            bytes,
        };
        let sent = page.send(name, json!({"array": null}), &json!({}), &[binary]);
        page.answer(sent)
    };
    let patch = |dtype: &str, shape: Value, length: usize| json!([{"at": [], "kind": "array", "dtype": dtype, "shape": shape, "start": 0, "length": length}]);
    assert_eq!(
        send("transpose", "float64", Some(vec![2, 2]), &matrix),
        Answer::Frame(
            Value::Null,
            patch("float64", json!([2, 2]), 32),
            doubles(&[1.0, 3.0, 2.0, 4.0])
        )
    );
    assert_eq!(
        send("write_to", "int32", None, &[1, 0, 0, 0]),
        Answer::Frame(Value::Null, patch("int32", json!([1]), 4), vec![2, 0, 0, 0])
    );
    assert_eq!(
        send("transpose", "float32", None, &[0; 4]).error(),
        "ArgumentError: argument 'array': expected an array of float64, got an array of float32"
    );
    assert_eq!(
        page.call("scalars", json!({})).value(),
        json!([1, 0.5, true, [3]])
    );
    assert_eq!(page.call("typed_scalar", json!({})).value(), json!(0.5));
    assert_eq!(
        page.call("empty", json!({})),
        Answer::Frame(Value::Null, patch("float64", json!([0, 3]), 0), Vec::new())
    );
    let error = page.call("complex_array", json!({})).error();
    assert!(
        error.contains("the element type \"Zd\" of this ndarray has no array in JavaScript"),
        "{error}"
    );

    let order = json!({"id": 1, "lines": [{"name": "a", "price": 2}]});
    assert_eq!(
        page.call("order", json!({ "order": order })).value(),
        json!({"id": 1, "lines": [{"name": "a", "price": 2.0}], "when": null})
    );
    let order = json!({"id": 1, "lines": [{"name": "a", "price": -2}]});
    assert_eq!(
        page.call("order", json!({ "order": order })).error(),
        "ArgumentError: argument 'order.lines[0].price': Input should be greater than 0"
    );
    assert_eq!(page.call("bounded", json!({"value": 5})).value(), json!(5));
    assert_eq!(
        page.call("bounded", json!({"value": 11})).error(),
        "ArgumentError: argument 'value': Input should be less than or equal to 10"
    );
}
