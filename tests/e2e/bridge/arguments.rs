//! Arguments, results and exceptions: what is checked, and what a page is told.

use pyxidium_tests::{
    TestContext,
    page::{Answer, Page},
};
use serde_json::{Value, json};

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
fn annotations_without_a_form_are_refused_where_they_are() {
    for (annotation, expected) in [
        (
            "complex",
            "TypeError: parameter 'x' of f: a page has no values for complex: use what JSON has",
        ),
        (
            "dict[bytes, int]",
            "TypeError: parameter 'x' of f: a page cannot have bytes as the key of an object",
        ),
        (
            "__import__('threading').Thread",
            "TypeError: parameter 'x' of f: a page has no values for Thread",
        ),
    ] {
        let context = TestContext::new("bridge-annotation-source");
        let text = format!("import pyxidium as px\n@px.command\ndef f(x: {annotation}): pass\n");
        let script = context.write("app.py", text);
        let page = Page::of("bridge-annotation", &script, &["--offline"]);
        let error = page.call("f", json!({})).error();
        assert!(
            error.starts_with(&format!("AppFailed: {expected}")),
            "{error}"
        );
    }
}
