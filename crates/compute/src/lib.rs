//! Work on Rust threads: the one pool, ready-made kernels ([`ready`]), and the compiler that turns
//! typed Python functions into machine code ([`kernel`]).
//!
//! This room knows nothing of Python's objects: arguments are slices and numbers. What Python sees
//! is `compute-python`'s business.

mod apart;
pub mod kernel;
pub mod pool;
pub mod ready;
pub mod work;
