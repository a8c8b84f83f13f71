//! Kernels that are already there, on the one pool: sorting, hashing, strings, geometry, statistics.
