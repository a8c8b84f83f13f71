//! Sealed apps with a window, used as a person uses them. One file, one subject.

mod desktop;
mod harness;
mod living;
mod stage;
