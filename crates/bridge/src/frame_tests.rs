//! Layout and bounds of messages.

use super::*;
use crate::array::Dtype;

/// A message as a page builds it.
fn message(head: &str, body: &str, patches: &str, buffers: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    for part in [head, body, patches] {
        let length = u32::try_from(part.len()).expect("a short part");
        bytes.extend_from_slice(&length.to_le_bytes());
    }
    for part in [head, body, patches] {
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
    bytes.extend_from_slice(buffers);
    bytes
}

fn parse(bytes: Vec<u8>) -> Result<Frame, FrameError> {
    Frame::parse(Box::new(bytes))
}

fn patches_error(patches: &str) -> String {
    let frame = parse(message("{}", "null", patches, &[0; 16])).expect("a frame");
    frame.patches().expect_err("must be refused").to_string()
}

#[test]
fn a_message_has_its_parts() {
    let head = r#"{"op":"call","session":"s","id":7,"name":"add","progress":true}"#;
    let patch =
        r#"[{"at":["a",1],"kind":"array","dtype":"int16","shape":[2],"start":8,"length":4}]"#;
    let bytes = message(
        head,
        r#"{"a":[0,null]}"#,
        patch,
        &[0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4],
    );
    let frame = parse(bytes).expect("a frame");
    let call = Op::Call {
        session: "s".into(),
        id: 7,
        name: "add".into(),
        stream: false,
        progress: true,
    };
    assert_eq!(frame.op(), Ok(call));
    assert_eq!(frame.body(), Ok(r#"{"a":[0,null]}"#));
    let patches = frame.patches().expect("patches");
    let place = patches.entry("a").and_then(|place| place.item(1));
    match place.and_then(|place| place.here.as_ref()) {
        Some(Patch::Array(array)) => assert_eq!(frame.buffer(array), [1, 2, 3, 4]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_error_says_what_is_wrong() {
    let refusal = |bytes: Vec<u8>| {
        Frame::parse(Box::new(bytes))
            .map(drop)
            .map_err(|e| e.to_string())
    };
    let magic = "the message does not begin with \"PXB1\": it is not a call";
    assert_eq!(refusal(Vec::new()), Err(magic.into()));
    assert_eq!(refusal(b"[1,2,3]".to_vec()), Err(magic.into()));
    let whole = message("{}", "null", "[]", b"");
    for (length, part) in [(5, "head"), (17, "head"), (20, "body"), (23, "patches")] {
        let expected = format!("the message ends in the middle of its {part}");
        assert_eq!(refusal(whole[..length].to_vec()), Err(expected), "{length}");
    }
    let frame = parse(message(&" ".repeat(MAX_HEAD + 1), "", "", b"")).expect("a frame");
    assert_eq!(frame.op(), Err(FrameError::LongHead));
    let frame = parse(message(r#"{"op":"rm"}"#, "\u{e9}", "", b"")).expect("a frame");
    let error = frame.op().expect_err("no such op").to_string();
    assert!(
        error.starts_with("the message's head is not valid: unknown variant `rm`"),
        "{error}"
    );
}

#[test]
fn a_patch_stays_in_its_message() {
    let array = |rest: &str| format!(r#"[{{"at":[],"kind":"array",{rest}}}]"#);
    let outside = "the message's patches is not valid: an array lies outside of the message";
    for place in [
        r#""dtype":"uint8","start":0,"length":17"#,
        r#""dtype":"uint8","start":18446744073709551615,"length":1"#,
        r#""dtype":"uint8","start":16,"length":18446744073709551615"#,
    ] {
        assert_eq!(patches_error(&array(place)), outside);
    }
    let odd = array(r#""dtype":"float64","start":0,"length":9"#);
    assert!(patches_error(&odd).ends_with("9 bytes of float64"));
    let shape = array(r#""dtype":"uint8","shape":[4294967296,4294967296],"start":0,"length":0"#);
    assert!(patches_error(&shape).ends_with("shape [4294967296, 4294967296] for 0 items"));
    let deep = format!(r#"[{{"at":[{}0],"kind":"int"}}]"#, "0,".repeat(200));
    assert!(patches_error(&deep).ends_with("deeper than 128 levels"));
    assert!(patches_error(r#"[{"at":["x"],"kind":"eval"}]"#).contains("unknown variant `eval`"));
}

#[test]
fn an_answer_reads_as_a_message() {
    let patches = [OutgoingPatch {
        at: vec![Key::Name("x".into()), Key::Index(3)],
        patch: Patch::Array(Array {
            dtype: Dtype::Float32,
            shape: Some(vec![1, 2]),
            start: 8,
            length: 8,
        }),
    }];
    let (mut bytes, start) = lay_out("{}", &patches, 16);
    bytes[start + 8..start + 16].copy_from_slice(&[7; 8]);
    assert!(start.is_multiple_of(ALIGNMENT));
    let frame = parse(bytes).expect("a frame");
    let read = frame.patches().expect("patches");
    let place = read.entry("x").and_then(|place| place.item(3));
    match place.and_then(|place| place.here.as_ref()) {
        Some(Patch::Array(array)) => assert_eq!(frame.buffer(array), [7; 8]),
        other => panic!("{other:?}"),
    }
}
