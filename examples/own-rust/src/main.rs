//! A window runtime with one more module in it: `primes`, written in Rust.
//!
//! `pyxidium build app/app.py --runtime target/release/own-rust` seals the app beside this file with it.

use std::process::ExitCode;

use pyembed::builtin_module;

fn main() -> ExitCode {
    pyxidium_window::Runtime::new()
        .module(builtin_module!(primes))
        .run()
}

/// What `import primes` gives.
#[pyo3::pymodule]
mod primes {
    use pyembed::cancel::Token;
    use pyo3::{exceptions::PyInterruptedError, prelude::*};
    use rayon::prelude::*;

    /// Numbers that one thread looks at before it asks whether to go on.
    const CHUNK: u64 = 1 << 14;

    /// The number of primes below `limit`, counted on all cores.
    ///
    /// Stops within a moment when the page cancels the call that it was made from.
    #[pyfunction]
    fn count(py: Python<'_>, limit: u64) -> PyResult<usize> {
        // The page's call runs on this thread, but the counting does not.
        let cancelled = Token::current().unwrap_or_default();
        py.detach(|| {
            (0..limit.div_ceil(CHUNK))
                .into_par_iter()
                .map(|chunk| {
                    let numbers = chunk * CHUNK..((chunk + 1) * CHUNK).min(limit);
                    (!cancelled.is_cancelled()).then(|| numbers.filter(|&n| is_prime(n)).count())
                })
                .sum::<Option<usize>>()
        })
        .ok_or_else(|| PyInterruptedError::new_err("the count was cancelled"))
    }

    fn is_prime(n: u64) -> bool {
        n == 2
            || n > 2
                && n % 2 == 1
                && (3..)
                    .step_by(2)
                    .take_while(|d| d * d <= n)
                    .all(|d| !n.is_multiple_of(d))
    }
}
