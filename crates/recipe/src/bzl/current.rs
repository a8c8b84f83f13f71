//! Where evaluation is, and what it has to say: the place of the statement under way, and messages.
//!
//! An attribute is set through an interface of `starlark` that gets no evaluator, so this is kept beside
//! it, for the thread that evaluates. One evaluation at a time and thread; nothing of it outlives one.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use starlark::codemap::FileSpan;

use super::error::HostError;
use super::guard::Sources;
use super::host::{HostFile, Reader};
use crate::Origin;

/// Something that a recipe has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What kind of saying it is.
    pub kind: MessageKind,
    /// Where it comes from.
    pub at: Origin,
    /// The text.
    pub text: String,
}

/// Kinds of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// `print(...)`.
    Print,
    /// Something that has another meaning here, or none: said once.
    Explained,
    /// For `--verbose`.
    Note,
}

#[derive(Default)]
struct Current {
    span: Option<FileSpan>,
    sources: Sources,
    messages: Vec<Message>,
    explained: BTreeSet<String>,
    /// What explanations in these words were first of, and where they were last.
    reasons: BTreeMap<String, (String, Origin)>,
    reader: Option<Reader>,
}

thread_local! {
    static CURRENT: RefCell<Current> = RefCell::default();
}

/// Begins an evaluation.
pub(super) fn begin(reader: Option<Reader>) {
    CURRENT.with_borrow_mut(|c| {
        *c = Current {
            reader,
            ..Current::default()
        }
    });
}

/// Ends it: its messages.
pub(super) fn end() -> Vec<Message> {
    CURRENT.with_borrow_mut(|c| std::mem::take(c).messages)
}

/// Makes a source known, so that places in it can be told.
pub(super) fn add_source(source: super::guard::Source) {
    CURRENT.with_borrow_mut(|c| c.sources.add(source));
}

/// A place of evaluated text as its author wrote it: file, line, column.
pub(super) fn written(span: &FileSpan) -> (Origin, usize) {
    CURRENT.with_borrow(|c| c.sources.place(span))
}

/// Notes the statement that comes next.
pub(super) fn at(span: FileSpan) {
    CURRENT.with_borrow_mut(|c| c.span = Some(span));
}

/// The statement under way.
pub(super) fn place() -> Origin {
    CURRENT.with_borrow(|c| match &c.span {
        Some(span) => c.sources.place(span).0,
        None => Origin {
            path: PathBuf::new(),
            line: 0,
        },
    })
}

/// Says something about the statement under way.
pub(super) fn say(kind: MessageKind, text: impl Into<String>) {
    say_at(kind, place(), text);
}

/// Says something about a place.
pub(super) fn say_at(kind: MessageKind, at: Origin, text: impl Into<String>) {
    let text = text.into();
    CURRENT.with_borrow_mut(|c| c.messages.push(Message { kind, at, text }));
}

/// Explains something, once however often it is used; what was said in the same words before is only referred to, or
/// left away where it stands on the same line.
pub(super) fn explain(what: &str, text: impl Into<String>) {
    let (text, at) = (text.into(), place());
    let before = CURRENT.with_borrow_mut(|c| {
        if c.explained.contains(what) {
            return None;
        }
        c.explained.insert(what.to_owned());
        if let Some((first, last)) = c.reasons.get_mut(&text) {
            let line = std::mem::replace(last, at.clone());
            return Some(Some((first.clone(), line)));
        }
        let first = (what.to_owned(), at.clone());
        c.reasons.insert(text.clone(), first);
        Some(None)
    });
    match before {
        None => {}
        Some(Some((_, line))) if line == at => {}
        Some(Some((first, _))) => say(MessageKind::Explained, format!("{what}: as for {first}")),
        Some(None) => say(MessageKind::Explained, format!("{what}: {text}")),
    }
}

/// A line of a source.
pub(super) fn line(at: &Origin) -> Option<String> {
    CURRENT.with_borrow(|c| c.sources.line(at))
}

/// What is in a file that the host laid down.
pub(super) fn read(file: &HostFile) -> Result<Vec<u8>, HostError> {
    match CURRENT.with_borrow(|c| c.reader.clone()) {
        Some(reader) => reader(file),
        None => Err(format!("{} cannot be read while targets are only listed", file.path).into()),
    }
}
