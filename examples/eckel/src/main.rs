//! A window runtime with one more module in it: `by_hand`, the ladder's last rung.
//!
//! `pyxidium build app --runtime target/release/eckel` seals the app beside this file with it.

use std::process::ExitCode;

use pyembed::builtin_module;

fn main() -> ExitCode {
    pyxidium_window::Runtime::new()
        .module(builtin_module!(by_hand))
        .run()
}

/// What `import by_hand` gives.
#[pyo3::pymodule]
mod by_hand {
    use std::ops::Range;

    use pyembed::cancel::Token;
    use pyo3::{exceptions::PyInterruptedError, prelude::*};
    use rayon::prelude::*;

    /// Iterations between two looks at whether to go on.
    const CHUNK: u64 = 1 << 16;

    /// `[cpu_intensive(n, iterations) for n in calls]`, on all cores.
    ///
    /// Stops within a moment when the page cancels the call that it was made from.
    #[pyfunction]
    fn cpu_intensive(py: Python<'_>, calls: Vec<i64>, iterations: u64) -> PyResult<Vec<f64>> {
        // The page's call runs on this thread, but the calculation does not.
        let cancelled = Token::current().unwrap_or_default();
        let sums = py.detach(|| {
            let one = |&n: &i64| sum(n, iterations, || !cancelled.is_cancelled());
            calls.par_iter().map(one).collect::<Option<_>>()
        });
        sums.ok_or_else(|| PyInterruptedError::new_err("the calculation was cancelled"))
    }

    fn sum(n: i64, iterations: u64, go_on: impl Fn() -> bool) -> Option<f64> {
        let mut result = 0.0;
        for start in (0..iterations).step_by(CHUNK as usize) {
            if !go_on() {
                return None;
            }
            add(&mut result, n, start..(start + CHUNK).min(iterations));
        }
        Some(result)
    }

    fn add(result: &mut f64, n: i64, range: Range<u64>) {
        for i in range.map(i128::from) {
            // Whoever writes i64 here gets another answer: i³ passes 64 bits at i = 2²¹.
            *result += ((i * i * i + i * i + i * i128::from(n)) as f64).sqrt();
        }
    }
}
