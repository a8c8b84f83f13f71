//! Messages as bytes: JSON, and beside it what JSON cannot hold.
//!
//! Both directions use one layout; integers are little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `PXB1` |
//! | 3 x 4 | lengths of head, body and patches |
//! | ... | head: what is asked for, as JSON (empty in answers) |
//! | ... | body: arguments or result, as JSON |
//! | ... | patches: where in the body something else belongs, as JSON |
//! | ... | zeros up to a multiple of 8, then the buffers, each starting at a multiple of 8 |
//!
//! A patch names a place by its path from the body's root, so nothing that stands *in* the body
//! can be mistaken for one:
//!
//! ```json
//! {"at": ["pixels"], "kind": "array", "dtype": "uint8", "shape": [480, 640, 4], "start": 0, "length": 1228800}
//! {"at": ["rows", 3, "big"], "kind": "int"}    the body has the digits as a string
//! {"at": ["mean"], "kind": "float"}            the body has "NaN", "Infinity" or "-Infinity"
//! ```
//!
//! `start` counts from the first buffer. Without `shape` an array of `uint8` is `bytes`.

use std::{borrow::Cow, collections::HashMap, ops::Range};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{array::Array, json::MAX_DEPTH};

const MAGIC: &[u8; 4] = b"PXB1";
const HEADER: usize = 16;
const ALIGNMENT: usize = 8;
/// A head is read on the window's own thread, so it is short; what may be long is in the body.
const MAX_HEAD: usize = 64 << 10;

/// A message that is not one of ours.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum FrameError {
    #[error("the message does not begin with \"PXB1\": it is not a call")]
    Magic,
    #[error("the message ends in the middle of its {0}")]
    Short(&'static str),
    #[error("the message's head is longer than 64 KB")]
    LongHead,
    #[error("the message's {part} is not valid: {message}")]
    Invalid { part: &'static str, message: String },
}

/// What the page wants; the head of its message.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "op", rename_all = "lowercase")]
pub(crate) enum Op<'a> {
    /// A page has loaded: from now on it is the only one in its window that is listened to.
    Hello {
        #[serde(borrow)]
        session: Cow<'a, str>,
    },
    /// Runs a command; `stream` asks for items instead of one result.
    Call {
        #[serde(borrow)]
        session: Cow<'a, str>,
        id: u64,
        #[serde(borrow)]
        name: Cow<'a, str>,
        #[serde(default)]
        stream: bool,
        #[serde(default)]
        progress: bool,
    },
    /// Asks a stream for more.
    Next {
        #[serde(borrow)]
        session: Cow<'a, str>,
        id: u64,
    },
    /// Ends a stream early.
    Return {
        #[serde(borrow)]
        session: Cow<'a, str>,
        id: u64,
    },
    /// Asks a call to stop.
    Cancel {
        #[serde(borrow)]
        session: Cow<'a, str>,
        id: u64,
    },
    /// Waits for events and progress.
    Poll {
        #[serde(borrow)]
        session: Cow<'a, str>,
    },
    /// An event for Python.
    Emit {
        #[serde(borrow)]
        session: Cow<'a, str>,
        #[serde(borrow)]
        name: Cow<'a, str>,
    },
}

/// The bytes of a message, whoever holds them: 100 MB are not copied to be looked at.
pub trait Message: AsRef<[u8]> + Send + Sync + 'static {}

impl<T: AsRef<[u8]> + Send + Sync + 'static> Message for T {}

/// One message. Its parts are looked at where they are.
pub(crate) struct Frame {
    message: Box<dyn Message>,
    head: Range<usize>,
    body: Range<usize>,
    patches: Range<usize>,
    buffers: usize,
}

impl Frame {
    /// Finds the parts of a message. Takes the same time however long it is.
    pub(crate) fn parse(message: Box<dyn Message>) -> Result<Self, FrameError> {
        let bytes = (*message).as_ref();
        let length = |at: usize| -> Option<usize> {
            let field = bytes.get(at..at + 4)?.try_into().ok()?;
            usize::try_from(u32::from_le_bytes(field)).ok()
        };
        if !bytes.starts_with(MAGIC) {
            return Err(FrameError::Magic);
        }
        let mut end = HEADER;
        let mut part = |field: usize, name: &'static str| {
            let start = end;
            end = length(4 + 4 * field)
                .and_then(|length| start.checked_add(length))
                .filter(|end| *end <= bytes.len())
                .ok_or(FrameError::Short(name))?;
            Ok(start..end)
        };
        let (head, body, patches) = (part(0, "head")?, part(1, "body")?, part(2, "patches")?);
        let buffers = end.next_multiple_of(ALIGNMENT).min(bytes.len());
        Ok(Self {
            message,
            head,
            body,
            patches,
            buffers,
        })
    }

    fn bytes(&self) -> &[u8] {
        (*self.message).as_ref()
    }

    /// What is asked for.
    pub(crate) fn op(&self) -> Result<Op<'_>, FrameError> {
        if self.head.len() > MAX_HEAD {
            return Err(FrameError::LongHead);
        }
        serde_json::from_slice(&self.bytes()[self.head.clone()]).map_err(|error| {
            FrameError::Invalid {
                part: "head",
                message: error.to_string(),
            }
        })
    }

    /// The body's text; nothing stands for `null`.
    pub(crate) fn body(&self) -> Result<&str, FrameError> {
        let body = &self.bytes()[self.body.clone()];
        let body = std::str::from_utf8(body).map_err(|error| FrameError::Invalid {
            part: "body",
            message: error.to_string(),
        })?;
        Ok(if body.is_empty() { "null" } else { body })
    }

    /// Where something other than the body's JSON belongs.
    pub(crate) fn patches(&self) -> Result<Patches, FrameError> {
        let invalid = |message: String| FrameError::Invalid {
            part: "patches",
            message,
        };
        let mut root = Patches::default();
        let text = &self.bytes()[self.patches.clone()];
        if text.is_empty() {
            return Ok(root);
        }
        let list: Vec<Placed> =
            serde_json::from_slice(text).map_err(|error| invalid(error.to_string()))?;
        for Placed { at, patch } in list {
            if at.len() > MAX_DEPTH {
                return Err(invalid(format!("deeper than {MAX_DEPTH} levels")));
            }
            if let Patch::Array(array) = &patch {
                self.check(array).map_err(invalid)?;
            }
            let mut place = &mut root;
            for key in at {
                place = place.below.entry(key).or_default();
            }
            place.here = Some(patch);
        }
        Ok(root)
    }

    /// The bytes of an array that [`Self::patches`] found to be in bounds.
    pub(crate) fn buffer(&self, array: &Array) -> &[u8] {
        let start = self.buffers.saturating_add(array.start);
        let range = start..start.saturating_add(array.length);
        self.bytes().get(range).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes().len()
    }

    fn check(&self, array: &Array) -> Result<(), String> {
        let end = array.start.checked_add(array.length);
        if end.is_none_or(|end| end > self.bytes().len() - self.buffers) {
            return Err("an array lies outside of the message".into());
        }
        let size = array.dtype.size();
        if !array.length.is_multiple_of(size) {
            return Err(format!("{} bytes of {}", array.length, array.dtype));
        }
        if let Some(shape) = &array.shape {
            let count = shape.iter().try_fold(1_usize, |a, b| a.checked_mul(*b));
            if count != Some(array.length / size) {
                return Err(format!("shape {shape:?} for {} items", array.length / size));
            }
        }
        Ok(())
    }
}

/// One step from a value into it.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Key {
    Index(usize),
    Name(String),
}

#[derive(Deserialize)]
struct Placed {
    at: Vec<Key>,
    #[serde(flatten)]
    patch: Patch,
}

/// What stands in the place of a JSON value.
#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Patch {
    Array(Array),
    Int,
    Float,
}

/// Patches by place: a tree that is walked along with the body.
#[derive(Debug, Default)]
pub(crate) struct Patches {
    pub(crate) here: Option<Patch>,
    below: HashMap<Key, Patches>,
}

impl Patches {
    pub(crate) fn item(&self, index: usize) -> Option<&Self> {
        if self.below.is_empty() {
            return None;
        }
        self.below.get(&Key::Index(index))
    }

    pub(crate) fn entry(&self, name: &str) -> Option<&Self> {
        if self.below.is_empty() {
            return None;
        }
        self.below.get(&Key::Name(name.to_owned()))
    }
}

/// A patch of an answer.
#[derive(Serialize)]
pub(crate) struct OutgoingPatch {
    pub(crate) at: Vec<Key>,
    #[serde(flatten)]
    pub(crate) patch: Patch,
}

/// Lays out an answer. The buffers' place is there, zeroed; `start` says where the first begins.
pub(crate) fn lay_out(body: &str, patches: &[OutgoingPatch], buffers: usize) -> (Vec<u8>, usize) {
    let patches = serde_json::to_vec(patches).unwrap_or_default();
    let end = HEADER + body.len() + patches.len();
    let start = end.next_multiple_of(ALIGNMENT);
    // Zeroed memory comes from the kernel as it is touched: that is when it is copied into.
    let mut bytes = vec![0; start + buffers];
    bytes[..4].copy_from_slice(MAGIC);
    for (field, length) in [0, body.len(), patches.len()].into_iter().enumerate() {
        let length = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
        bytes[4 + 4 * field..8 + 4 * field].copy_from_slice(&length);
    }
    bytes[HEADER..HEADER + body.len()].copy_from_slice(body.as_bytes());
    bytes[HEADER + body.len()..end].copy_from_slice(&patches);
    (bytes, start)
}

/// Where the buffer after one that ends at `end` begins.
pub(crate) fn aligned(end: usize) -> usize {
    end.next_multiple_of(ALIGNMENT)
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
