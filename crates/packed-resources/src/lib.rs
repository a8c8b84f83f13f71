//! The payload of a sealed file: its format, a zero-copy reader and a deterministic writer.
//!
//! A *payload* is a run of bytes with everything that an application carries: bytecode, files, shared
//! libraries, and a [`Manifest`] that says what to run. It lies in mapped memory; nothing is parsed,
//! copied or unpacked at start. Only this crate knows its layout. It opens no file and maps no memory:
//! callers hand in bytes and take out bytes.
//!
//! ```
//! use packed_resources::{EntryPoint, Item, Kind, Manifest, Payload, Writer};
//!
//! let mut writer = Writer::new();
//! let entry = EntryPoint::Script { path: "app.py".into() };
//! let manifest = Manifest::new("hello", "3.13.5", entry);
//! writer.add(Item::new(Kind::Meta, Manifest::ENTRY, manifest.to_json()))?;
//! writer.add(Item::new(Kind::File, "app.py", &b"print('hello')"[..]).zstd(9))?;
//! let mut bytes = Vec::new();
//! writer.finish(&mut bytes)?;
//!
//! let payload = Payload::parse(&bytes)?;
//! let file = payload.get(Kind::File, "app.py")?.expect("it was added");
//! assert_eq!(*file.read()?, *b"print('hello')");
//! # Ok::<(), packed_resources::Error>(())
//! ```
//!
//! # The format, version 1
//!
//! All integers are little endian. All offsets count from the payload's first byte, unless said
//! otherwise. A payload needs no alignment in its file; to make use of the alignment of its entries,
//! map it at a page's start.
//!
//! ```text
//! header | records | names | fields | zeroes | data, zeroes, data, zeroes, data ...
//! '------------- index ------------'         '------ from data_off to total_len --'
//! ```
//!
//! ## Header
//!
//! | offset | size | field | |
//! |-------:|-----:|-------|-|
//! |  0 |  8 | magic       | `PYXIDIUM` |
//! |  8 |  2 | version     | 1; a reader refuses what is newer than itself and reads what is older |
//! | 10 |  2 | header_len  | 96 or more: where the records begin; a reader skips what it does not know |
//! | 12 |  2 | record_len  | 80 or more: from one record to the next; likewise |
//! | 14 |  2 | -           | 0 |
//! | 16 |  4 | entry_count | |
//! | 20 |  4 | flags       | 0: a reader refuses bits that it does not know |
//! | 24 |  8 | total_len   | length of the payload; bytes after it are none of its own |
//! | 32 |  8 | data_off    | end of the index, start of the data; the writer makes it a multiple of 16 |
//! | 40 |  8 | names_off   | |
//! | 48 |  8 | extras_off  | |
//! | 56 |  4 | names_len   | |
//! | 60 |  4 | extras_len  | |
//! | 64 | 32 | hash        | BLAKE3 of the bytes from 0 to data_off, these 32 taken as zero |
//!
//! The hash covers every record, and each record has the hash of its data. So it identifies the
//! payload, and vouches for every byte but the zeroes between data, which [`Payload::verify`] looks at.
//!
//! ## Record
//!
//! One for each entry, sorted by kind, then by the bytes of the name; no two have both the same.
//!
//! | offset | size | field | |
//! |-------:|-----:|-------|-|
//! |  0 |  1 | kind        | 1 meta, 2 frozen, 3 code, 4 file, 5 directory: see [`Kind`] |
//! |  1 |  1 | compression | 0 none, 1 zstd, 2 zstd with a prefix: see [`Compression`] |
//! |  2 |  1 | align       | the data's offset is a multiple of 2 to the power of this; at most 16 |
//! |  3 |  1 | -           | 0 |
//! |  4 |  4 | flags       | bit 0: executable; a reader ignores bits that it does not know |
//! |  8 |  4 | name_off    | from names_off |
//! | 12 |  4 | name_len    | UTF-8, not empty, without zero bytes |
//! | 16 |  8 | offset      | of the stored data |
//! | 24 |  8 | stored_len  | |
//! | 32 |  8 | raw_len     | after decompression; at most 32768 times stored_len |
//! | 40 |  4 | extras_off  | from extras_off of the header |
//! | 44 |  4 | extras_len  | |
//! | 48 | 32 | hash        | BLAKE3 of the stored data |
//!
//! Names of code, files and directories are paths: relative, parts divided by `/`, no part empty, `.`
//! or `..`. No file has an entry below it. Every directory above an entry exists without saying so; a
//! directory entry is for those that would be empty. A directory has no data, a frozen module is not compressed.
//!
//! Names may share bytes: code and source of one module do.
//!
//! ## Fields
//!
//! An entry's optional fields stand one after the other in its part of the fields' area:
//!
//! | offset | size | field | |
//! |-------:|-----:|-------|-|
//! | 0 | 2 | tag   | the bit `0x8000` says that a reader must refuse an entry whose tag it does not know |
//! | 2 | 2 | -     | 0 |
//! | 4 | 4 | len   | |
//! | 8 | len | value | |
//!
//! | tag | name | value |
//! |-----|------|-------|
//! | `0x8001` | needs | names of files to load before this shared library, in order, each ended by a zero byte |
//! | `0x8002` | base  | 4 bytes: number of the entry whose raw data are the prefix of compression 2 |
//! | `0x8003` | x86   | 16 bytes: start and end of the machine code in the raw data; with compression 1 |
//!
//! ## Data
//!
//! In order of the records. Entries with the same stored bytes share them; otherwise data do not
//! overlap, and what lies between them is zero. The last data end the payload.
//!
//! *zstd*: frames one after the other, each with its content size in its header. What is longer than
//! 8 MiB is cut into pieces of equal length, about 8 MiB (or 32), one frame each, so that several
//! threads can decompress it.
//!
//! *x86*: after decompression, addresses in machine code are made relative again, in each frame by
//! itself. A byte that is `e8` or `e9` is followed by an address. So is a byte `m` with
//! `m & 0xc7 = 0x05`, where the byte before it is `ff`, or the second before it `40` to `4f` or `0f`, or
//! the third before it `c5`; bytes of addresses do not count as bytes before. Let `n` be
//! the offset in the entry of what comes after the address, and `v` the address, a signed 32-bit
//! number. If it lies in the machine code and in the frame, and `v` is `-n` or more and less than
//! raw_len, it becomes `v - n` where it is not negative and `v + raw_len` where it is. Polars' library
//! takes 31.5 MB this way instead of 38.2.
//!
//! *zstd with a prefix*: one frame, compressed with the raw data of the base as raw prefix (no
//! dictionary, whatever its first bytes are), with zstd's own checksum of the contents. The base is not
//! compressed with a prefix itself. It serves sources, which share their names and strings with
//! their bytecode: the standard library's sources take 1.73 MB this way instead of 2.38.
//!
//! # What a reader may rely on
//!
//! Parsing checks the header and the hash of the index and looks at no entry; the time it takes is
//! that of hashing the index. Each look-up checks what it touches: a hostile index leads to errors or
//! to entries not found, never to a panic, to bytes outside the payload, to a name that leaves its
//! root, or to more memory than an entry declares and its frames confirm.
#![forbid(unsafe_code)]

mod about;
mod children;
mod compress;
mod decode;
mod entry;
mod error;
mod format;
mod interpreter;
mod left_out;
mod manifest;
mod reader;
mod summary;
mod verify;
mod window;
mod writer;
mod x86;

pub use about::{About, FileType};
pub use children::{Child, Children};
pub use compress::{Base, Item, Level, Run, StoredItem, compress, compress_on};
pub use entry::Entry;
pub use error::{Error, Fault, Result};
pub use format::{
    Compression, EXECUTABLE, HEADER_LEN, Kind, MAGIC, MAX_ALIGN, RECORD_LEN, Tag, VERSION,
};
pub use interpreter::{Allocator, CoerceCLocale, InterpreterSettings, StartMethod};
pub use left_out::LeftOutModules;
pub use manifest::{BuildInfo, EntryPoint, Manifest, NativeLibraries, PackageInfo};
pub use reader::Payload;
pub use summary::{KindSummary, Summary};
pub use window::{CAPABILITIES, DevConfig, WindowConfig};
pub use writer::Writer;
