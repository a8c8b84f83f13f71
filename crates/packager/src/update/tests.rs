//! Manifests of updates. That `pyxidium.update` takes them is shown end to end.

use super::*;

#[test]
fn base64_is_that_of_rfc_4648() {
    for (text, expected) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(Base64::encode_string(text.as_bytes()), expected);
    }
    assert_eq!(Base64::encode_string(&[0xfb, 0xff]), "+/8=");
}

#[test]
fn errors_say_what_to_write() {
    let path = "words".into();
    let version = "one".into();
    let url = "http://example.org/".into();
    for (error, said, hint) in [
        (UpdateError::NoVersion, "must have a version", "[project]"),
        (
            UpdateError::BadVersion { version },
            "`one` is no version",
            "1.2.0",
        ),
        (
            UpdateError::NotConfigured { path },
            "words does not update itself",
            "[tool.pyxidium.update]",
        ),
        (
            UpdateError::BadUrl { url },
            "`http://example.org/` is no address",
            "https",
        ),
    ] {
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.hint().contains(hint), "{}", error.hint());
    }
}
