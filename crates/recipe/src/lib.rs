//! From what a person typed and what their project says to a [`BuildPlan`]: plain data that names
//! every file to seal, every package to fetch and the file to write.
//!
//! This room reads the project's files and nothing else. It runs no Python, reaches no network,
//! knows neither the payload format nor the sealed file, and writes nothing.

mod about;
pub mod bzl;
mod desktop;
mod discover;
mod error;
mod imports;
mod inline;
mod lock;
mod marker;
mod plan;
mod pyproject;
mod record;
mod selection;
mod settings;
mod source;
mod specifier;
mod update;
mod wheel;

pub use about::{About, FileType};
pub use desktop::{Desktop, Literal, Setting};
pub use discover::below;
pub use error::{Error, Fault};
pub use imports::imported;
pub use packed_resources::{Allocator, CoerceCLocale, InterpreterSettings, StartMethod};
pub use plan::{
    AppFile, BuildPlan, Entry, Generated, NativeLibraries, OnlyUsed, Origin, Request, Requirement,
    plan,
};
pub use record::Record;
pub use selection::{LeftOut, Only, Part, Selection};
pub use settings::KEYS;
pub use update::{Update, is_safe};
pub use wheel::Wheel;

/// The Python that every sealed application gets, as far as `requires-python` is concerned.
pub const PYTHON_VERSION: [u32; 3] = [3, 13, 5];
