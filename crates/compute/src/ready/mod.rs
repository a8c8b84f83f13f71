//! Kernels that are already there, on the one pool: sorting, hashing, strings, geometry, statistics,
//! Monte Carlo, convolution, text search.
//!
//! The algorithms are those of the field's crates where there is one; what is here splits the work
//! into blocks, asks the [`Watch`](crate::work::Watch) between them, and puts the answers together in an order that
//! does not depend on the number of threads. All of it runs on the pool that the caller is in
//! ([`pool::install`](crate::pool::install)).

pub mod blocks;
pub mod error;
pub mod geometry;
pub mod grouping;
pub mod hashing;
pub mod histogram;
pub mod integers;
pub mod key;
#[cfg(target_arch = "x86_64")]
mod lanes;
#[cfg(target_arch = "x86_64")]
mod many;
pub mod matching;
pub mod montecarlo;
pub mod polygons;
pub mod quantile;
pub mod search;
pub mod signal;
pub mod sorting;
pub mod statistics;
pub mod strings;
mod texts;
pub mod tree;
#[cfg(target_arch = "x86_64")]
mod vectors;

pub use error::Error;
