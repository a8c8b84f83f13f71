//! Where a Python program spends its time: its stacks, read a thousand times a second from outside.
//!
//! CPython 3.13 says itself where its state lies (`_Py_DebugOffsets`), so that a program that may
//! read the memory of another one sees what each of its threads is doing. Nothing of the program
//! under test is changed or stopped: no lock of the interpreter is taken, no function called, and
//! samples fall anywhere, not only where the interpreter would let another thread run. Child
//! processes that run the same file are part of the picture.
//!
//! What only Python can answer (does this function fit `@kernel`?) is asked through a socket that
//! `pyxidium.profiling._agent` listens to: [`Session`]. What came of it is a [`Profile`]: plain data.
//!
//! This room seals nothing, prints nothing, and knows no page.

mod agent;
mod code;
mod error;
mod flame;
mod memory;
mod process;
mod profile;
mod runtime;
mod sampler;
mod session;
mod stacks;
#[cfg(test)]
mod tests;
mod threads;

pub use agent::{Gain, Target};
pub use error::Error;
pub use flame::{folded, page};
pub use profile::{Function, Kind, Line, Node, Places, Problem, Profile, Verdict};
pub use session::{Event, Measured, Options, Session, startup};
