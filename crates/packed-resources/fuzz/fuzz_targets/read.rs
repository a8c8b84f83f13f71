//! Any bytes, read as a payload.
#![no_main]

#[path = "../body.rs"]
#[allow(dead_code, reason = "each target uses its part")]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::read(data));
