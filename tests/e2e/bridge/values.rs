//! Every type, both ways; and what JSON does not have.

use std::time::{Duration, Instant};

use pyxidium_tests::{
    context::{offline, workspace},
    page::{Answer, Binary, Page, frame_of},
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
        let tag = page.raw(b'm', frame_of([&head, &body, &patch], b""));
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
