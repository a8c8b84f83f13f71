//! What is around a call: how deep Python may call, who wants to know how far it is, which page it runs for.
//!
//! Asked at each call, so the ways there are looked up once and kept.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

/// Functions to ask, and `sys.modules`.
struct Ways {
    recursion_limit: Py<PyAny>,
    progress: Py<PyAny>,
    threads: Py<PyAny>,
    own_thread: Py<PyAny>,
    main_thread: Py<PyAny>,
    modules: Py<PyDict>,
}

fn ways(py: Python<'_>) -> PyResult<&Ways> {
    static FOUND: PyOnceLock<Ways> = PyOnceLock::new();
    FOUND.get_or_try_init(py, || {
        let (sys, threads) = (py.import("sys")?, py.import("_thread")?);
        let watch = py.import("pyxidium.compute._watch")?;
        Ok(Ways {
            recursion_limit: sys.getattr("getrecursionlimit")?.unbind(),
            progress: watch.getattr("current_progress")?.unbind(),
            threads: watch.getattr("current_threads")?.unbind(),
            own_thread: threads.getattr("get_ident")?.unbind(),
            main_thread: threads.getattr("_get_main_thread_ident")?.unbind(),
            modules: sys.getattr("modules")?.cast_into::<PyDict>()?.unbind(),
        })
    })
}

/// How many calls there may be inside each other.
pub fn recursion_limit(py: Python<'_>) -> PyResult<u32> {
    ways(py)?.recursion_limit.bind(py).call0()?.extract()
}

/// What `with watch(progress=...)` says on this thread.
pub fn progress(py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
    let found = ways(py)?.progress.bind(py).call0()?;
    Ok((!found.is_none()).then(|| found.unbind()))
}

/// What `with watch(threads=...)` says on this thread.
pub fn threads(py: Python<'_>) -> PyResult<Option<usize>> {
    ways(py)?.threads.bind(py).call0()?.extract()
}

/// Whether Ctrl-C arrives on this thread.
pub fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    let ways = ways(py)?;
    let own: u64 = ways.own_thread.bind(py).call0()?.extract()?;
    let main: u64 = ways.main_thread.bind(py).call0()?.extract()?;
    Ok(own == main)
}

/// The call of a page that runs on this thread, if there is a page: has `is_cancelled()`.
pub fn token(py: Python<'_>) -> Option<Py<PyAny>> {
    let modules = ways(py).ok()?.modules.bind(py);
    let bridge = modules.get_item(pyo3::intern!(py, "_pyxidium_bridge"));
    let token = bridge
        .ok()??
        .call_method0(pyo3::intern!(py, "token"))
        .ok()?;
    (!token.is_none()).then(|| token.unbind())
}
