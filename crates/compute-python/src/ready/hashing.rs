//! `pyxidium.compute.hashing`.

use std::path::{Path, PathBuf};

use compute::ready::Error;
use compute::ready::hashing::{Method, PARALLEL, of_bytes, of_file, of_files};
use compute::ready::tree::of_tree;
use compute::work::Watch;
use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::run::{Failure, run};

/// Below this, hashing takes less time than letting others run.
const SMALL: usize = 2048;

/// XXH3 of this takes some milliseconds of one thread, so nothing need listen meanwhile.
const ONE_THREAD: usize = 64 << 20;

pub fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(hash_bytes, module)?)?;
    module.add_function(wrap_pyfunction!(hash_file, module)?)?;
    module.add_function(wrap_pyfunction!(hash_files, module)?)?;
    module.add_function(wrap_pyfunction!(hash_tree, module)?)
}

fn method(name: &str, seed: u64, key: Option<&[u8]>) -> PyResult<Method> {
    Ok(match (name, key) {
        ("blake3", None) => Method::Blake3,
        ("blake3", Some(key)) => Method::Blake3Keyed(key.try_into().map_err(|_| {
            PyValueError::new_err(format!("key: expected 32 bytes, got {}", key.len()))
        })?),
        ("xxh3_64", _) => Method::Xxh364(seed),
        ("xxh3_128", _) => Method::Xxh3128(seed),
        _ => {
            let message = format!("method must be 'blake3', 'xxh3_64' or 'xxh3_128', not {name:?}");
            return Err(PyValueError::new_err(message));
        }
    })
}

#[pyfunction]
fn hash_bytes<'py>(
    data: &Bound<'py, PyAny>,
    name: &str,
    seed: u64,
    key: Option<&[u8]>,
) -> PyResult<Bound<'py, PyBytes>> {
    let py = data.py();
    let method = method(name, seed, key)?;
    let digest = if let Ok(bytes) = data.cast::<PyBytes>() {
        digest(py, bytes.as_bytes(), method)?
    } else {
        let buffer = PyUntypedBuffer::get(data).map_err(|error| {
            PyTypeError::new_err(format!(
                "data: expected bytes or another buffer ({})",
                error.value(py)
            ))
        })?;
        if !buffer.is_c_contiguous() {
            // Rare, and `bytes` knows how to put it in order.
            let bytes = py
                .get_type::<PyBytes>()
                .call1((data,))?
                .cast_into::<PyBytes>()?;
            return Ok(PyBytes::new(py, &digest(py, bytes.as_bytes(), method)?));
        }
        let bytes = match buffer.len_bytes() {
            0 => &[][..],
            // SAFETY: a C-contiguous buffer is that many bytes in a row, held while `buffer` is. Who writes
            // there meanwhile gets the digest of neither state, and nothing else.
            length => unsafe { std::slice::from_raw_parts(buffer.buf_ptr().cast::<u8>(), length) },
        };
        digest(py, bytes, method)?
    };
    Ok(PyBytes::new(py, &digest))
}

fn digest(py: Python<'_>, bytes: &[u8], method: Method) -> PyResult<Vec<u8>> {
    let alone = || of_bytes(bytes, method, &Watch::new());
    if bytes.len() < SMALL {
        return alone().map_err(|error| Failure::from(error).into());
    }
    let most = if matches!(method, Method::Blake3 | Method::Blake3Keyed(_)) {
        PARALLEL
    } else {
        ONE_THREAD
    };
    if bytes.len() < most {
        return py
            .detach(alone)
            .map_err(|error| Failure::from(error).into());
    }
    run(py, |watch| of_bytes(bytes, method, watch))
}

/// Hashes what is at a path.
fn hash_at<'py>(
    py: Python<'py>,
    path: &Path,
    method: Method,
    of: fn(&Path, Method, &Watch) -> Result<Vec<u8>, Error>,
) -> PyResult<Bound<'py, PyBytes>> {
    let digest = run(py, |watch| of(path, method, watch))?;
    Ok(PyBytes::new(py, &digest))
}

#[pyfunction]
fn hash_file<'py>(
    py: Python<'py>,
    path: PathBuf,
    name: &str,
    seed: u64,
    key: Option<&[u8]>,
) -> PyResult<Bound<'py, PyBytes>> {
    hash_at(py, &path, method(name, seed, key)?, of_file)
}

#[pyfunction]
fn hash_tree<'py>(
    py: Python<'py>,
    path: PathBuf,
    name: &str,
    seed: u64,
    key: Option<&[u8]>,
) -> PyResult<Bound<'py, PyBytes>> {
    hash_at(py, &path, method(name, seed, key)?, of_tree)
}

#[pyfunction]
fn hash_files<'py>(
    py: Python<'py>,
    paths: Vec<PathBuf>,
    name: &str,
    seed: u64,
    key: Option<&[u8]>,
) -> PyResult<Vec<Bound<'py, PyBytes>>> {
    let method = method(name, seed, key)?;
    let digests = run(py, |watch| of_files(&paths, method, watch))?;
    Ok(digests
        .iter()
        .map(|digest| PyBytes::new(py, digest))
        .collect())
}
