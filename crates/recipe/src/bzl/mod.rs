//! `pyoxidizer.bzl`: PyOxidizer's configuration language, evaluated to plain data.
//!
//! Evaluation reads the project's files and nothing else; what needs Python, pip or the network goes through
//! [`Host`]. It writes nothing: what a recipe asks to write comes back as [`Product`]s and [`Write`]s, for the
//! packager to carry out. It ends: steps, calls, memory and products have limits.

mod bag;
mod classify;
mod current;
mod datum;
mod error;
mod evaluate;
mod globals;
mod guard;
mod host;
mod near;
mod object;
mod older;
mod paths;
mod pip;
mod product;
mod program;
mod renamed;
mod session;
mod tabs;
mod types;

pub use current::{Message, MessageKind};
pub use datum::Datum;
pub use error::Error;
pub use evaluate::{Evaluated, Requested, Settings, Target, evaluate};
pub use host::{Host, HostError, HostFile, Install, NoHost, Pip, Reader};
pub use product::{Bundle, Content, FileEntry, Files, Format, Product, Program, Wheel, Write};
