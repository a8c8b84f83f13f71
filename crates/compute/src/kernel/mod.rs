//! The compiler of kernels: typed Python in, machine code out.
//!
//! ```text
//! syntax     a Python function in plain form (the frontend is in compute-python)
//!   -> analyse   types and intervals of every expression (transfer, functions, interval, live)
//!   -> emit      machine code through Cranelift, with checks where nothing was proved
//!   -> runtime   compiled per types, called; left at a failed check, and resumed: wider, or by Python
//! ```
//!
//! The answer is CPython's, always: whatever compiled code cannot do exactly is left to CPython, which goes on
//! from the statement where compiled code stopped.

pub mod analyse;
pub mod emit;
pub mod functions;
pub mod interval;
pub mod live;
pub mod many;
pub mod math;
pub mod parallel;
pub mod random;
pub mod resume;
pub mod runtime;
pub mod samples;
pub mod syntax;
pub mod transfer;
pub mod types;
pub mod value;
