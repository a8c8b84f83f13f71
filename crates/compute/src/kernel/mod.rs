//! The compiler of kernels: typed Python in, machine code out.
