//! The reader against `serde_json`: the same texts are JSON, and mean the same.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;

fn read(reader: &mut Reader<'_>) -> Result<Value, JsonError> {
    Ok(match reader.peek()? {
        Kind::Null => reader.null().map(|()| Value::Null)?,
        Kind::Bool => Value::Bool(reader.boolean()?),
        Kind::Number => {
            // Not by `serde_json`, which does not always find the nearest float.
            let text = reader.number()?;
            match text.parse::<i64>() {
                Ok(integer) => Value::from(integer),
                Err(_) => Value::from(text.parse::<f64>().expect("a number")),
            }
        }
        Kind::String => Value::String(text(reader.string()?)),
        Kind::Array => {
            let mut items = Vec::new();
            reader.array(|reader, _| -> Result<(), JsonError> {
                items.push(read(reader)?);
                Ok(())
            })?;
            Value::Array(items)
        }
        Kind::Object => {
            let mut entries = Map::new();
            reader.object(|reader, key| -> Result<(), JsonError> {
                entries.insert(text(key), read(reader)?);
                Ok(())
            })?;
            Value::Object(entries)
        }
    })
}

fn text(text: Text<'_>) -> String {
    match text {
        Text::Utf8(text) => text.into_owned(),
        Text::Surrogates(bytes) => panic!("surrogates in {bytes:?}"),
    }
}

fn whole(source: &str) -> Result<Value, JsonError> {
    let mut reader = Reader::new(source);
    let value = read(&mut reader)?;
    reader.end()?;
    Ok(value)
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_serde_writes_is_read(value in any_value()) {
        prop_assert_eq!(whole(&value.to_string()).expect("JSON"), value.clone());
        prop_assert_eq!(whole(&format!("{value:#}")).expect("JSON"), value.clone());
        let text = value.to_string();
        let mut reader = Reader::new(&text);
        prop_assert_eq!(reader.skip().and_then(|()| reader.end()), Ok(()));
    }

    #[test]
    fn the_same_texts_are_json(source in r#"[\[\]{}:,"\\0-9eE.+\-truefalsn /ud8]{0,24}"#) {
        // `serde_json` refuses numbers and surrogates that only Python can hold.
        let theirs = serde_json::from_str::<Value>(&source);
        let ours = std::panic::catch_unwind(|| whole(&source).is_ok());
        if let (Ok(ours), false) = (ours, source.contains(['e', 'E'])) {
            prop_assert_eq!(ours, theirs.is_ok(), "{}", source);
        }
    }

    #[test]
    fn no_text_makes_it_panic(source in any::<String>()) {
        let mut reader = Reader::new(&source);
        let _ = reader.skip();
    }
}

#[test]
fn escapes_and_surrogates() {
    assert_eq!(
        whole(r#""\u00e9\ud83d\ude00\n\/""#),
        Ok(Value::from("é😀\n/"))
    );
    let mut reader = Reader::new(r#""a\udc80b""#);
    assert_eq!(
        reader.string(),
        Ok(Text::Surrogates(b"a\xed\xb2\x80b".to_vec()))
    );
    let mut reader = Reader::new(r#""\ud800\u0041""#);
    assert_eq!(
        reader.string(),
        Ok(Text::Surrogates(b"\xed\xa0\x80A".to_vec()))
    );
}

#[test]
fn depth_has_an_end() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(whole(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(whole(&nested(MAX_DEPTH + 1)), Err(JsonError::TooDeep));
    assert_eq!(whole(&"[".repeat(1_000_000)), Err(JsonError::TooDeep));
}

#[test]
fn looking_again_and_again_has_an_end() {
    let mut reader = Reader::new("1");
    let looks = std::iter::repeat_with(|| reader.peek()).take(10_000);
    assert_eq!(looks.last(), Some(Err(JsonError::Ambiguous)));
}
