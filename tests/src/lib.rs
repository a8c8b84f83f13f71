//! What the end-to-end tests share: an isolated place to build and run in, the case files, the matchers.
//!
//! Nothing here knows the inside of Pyxidium: tests see what a user sees, the command line and the sealed file.

pub mod case;
pub mod context;
pub mod matcher;
pub mod page;
pub mod process;
pub mod server;
pub mod strace;
pub mod window;

pub use context::TestContext;
pub use process::Outcome;
