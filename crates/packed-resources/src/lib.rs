//! The payload of a sealed file: its format, a zero-copy reader and a deterministic writer.
#![forbid(unsafe_code)]

mod children;
mod compress;
mod decode;
mod entry;
mod error;
mod format;
mod manifest;
mod reader;
mod summary;
mod verify;
mod writer;

pub use children::{Child, Children};
pub use compress::{Base, Item, Level, Run, StoredItem, compress, compress_on};
pub use entry::Entry;
pub use error::{Error, Fault, Result};
pub use format::{Compression, EXECUTABLE, HEADER_LEN, Kind, MAGIC, MAX_ALIGN, Tag, VERSION};
pub use manifest::{BuildInfo, EntryPoint, Manifest, NativeLibraries, PackageInfo};
pub use reader::Payload;
pub use summary::{KindSummary, Summary};
pub use writer::Writer;
