//! The importer: finds modules in the payload and gives Python their bytecode.
//!
//! It answers `sys.meta_path` (`OxidizedFinder`) and `sys.path_hooks`
//! (`OxidizedPathEntryFinder`) with the rules of `importlib.machinery.FileFinder`: for each folder
//! of the search path a package, an extension module, then a source file. A look-up is two binary
//! searches in mapped memory; nothing is listed, opened or cached. What cannot be Rust, because
//! the standard library checks for its own classes, is in `python/boot.py`.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::Path, sync::OnceLock};

use packed_resources::{Kind, LeftOutModules};
use pyo3::{
    exceptions::{PyImportError, PyOSError},
    ffi,
    prelude::*,
    types::{PyDict, PyList, PyModule, PyString},
};

use crate::{
    native, record,
    vfs::{self, Vfs},
};

/// Suffixes of extension modules, in the order in which CPython tries them.
const EXTENSION_SUFFIXES: &[&str] = &[
    concat!(".cpython-313-", env!("PYXIDIUM_MULTIARCH"), ".so"),
    ".abi3.so",
    ".so",
];

fn vfs() -> PyResult<&'static Vfs> {
    vfs::mounted().ok_or_else(|| PyImportError::new_err("no payload is mounted"))
}

/// A damaged payload, as Python sees it.
fn damaged(error: packed_resources::Error) -> PyErr {
    PyImportError::new_err(format!("this application's file is damaged: {error}"))
}

/// What a search in one folder found.
enum Found {
    Source { path: String, package: bool },
    Extension { path: String, package: bool },
}

/// Looks for the module `tail` in the payload folder `folder`.
fn locate(vfs: &Vfs, folder: &str, tail: &str) -> PyResult<Option<Found>> {
    let base = if folder.is_empty() {
        tail.to_owned()
    } else {
        format!("{folder}/{tail}")
    };
    if let Some(found) = locate_file(vfs, &format!("{base}/__init__."), true)? {
        return Ok(Some(found));
    }
    locate_file(vfs, &format!("{base}."), false)
}

/// The best of the files whose names start with `stem`, which ends in a dot.
fn locate_file(vfs: &Vfs, stem: &str, package: bool) -> PyResult<Option<Found>> {
    let mut source = None;
    let mut extension: Option<(usize, String)> = None;
    for entry in vfs.payload().prefix(Kind::File, stem) {
        let name = entry.map_err(damaged)?.name();
        let suffix = &name[stem.len() - 1..];
        if suffix == ".py" {
            source = Some(name.to_owned());
        } else if let Some(rank) = EXTENSION_SUFFIXES.iter().position(|known| *known == suffix)
            && extension.as_ref().is_none_or(|(best, _)| rank < *best)
        {
            extension = Some((rank, name.to_owned()));
        }
    }
    Ok(match (extension, source) {
        (Some((_, path)), _) => Some(Found::Extension { path, package }),
        (None, Some(path)) => Some(Found::Source { path, package }),
        (None, None) => None,
    })
}

/// The payload folder of a search path entry, if it is inside the payload.
fn folder_of(vfs: &Vfs, entry: &Bound<'_, PyAny>) -> Option<String> {
    vfs.relative(entry.cast::<PyString>().ok()?.to_str().ok()?.as_bytes())
}

/// Finds modules in the payload for `sys.meta_path`.
#[pyclass(frozen, module = "_pyxidium")]
struct OxidizedFinder {
    module_spec: Py<PyAny>,
    source_loader: Py<PyAny>,
    extension_loader: Py<PyAny>,
}

impl OxidizedFinder {
    fn spec<'py>(
        &self,
        py: Python<'py>,
        vfs: &Vfs,
        fullname: &str,
        found: Found,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (path, package, loader) = match found {
            Found::Source { path, package } => (path, package, &self.source_loader),
            Found::Extension { path, package } => (path, package, &self.extension_loader),
        };
        let full = path_string(py, &vfs.root().join(path));
        let loader = loader.bind(py).call1((fullname, &full))?;
        let options = PyDict::new(py);
        options.set_item("origin", &full)?;
        let spec = self
            .module_spec
            .bind(py)
            .call((fullname, loader), Some(&options))?;
        spec.setattr("_set_fileattr", true)?;
        if package {
            let full = full.to_str()?;
            let folder = full.rsplit_once('/').map_or(full, |(folder, _)| folder);
            spec.setattr("submodule_search_locations", PyList::new(py, [folder])?)?;
        }
        Ok(spec)
    }
}

#[pymethods]
impl OxidizedFinder {
    #[new]
    fn new(module_spec: Py<PyAny>, source_loader: Py<PyAny>, extension_loader: Py<PyAny>) -> Self {
        Self {
            module_spec,
            source_loader,
            extension_loader,
        }
    }

    /// The spec of module `fullname`, or None if no folder of `path` (or `sys.path`) inside the
    /// payload has it. Namespace packages are left to the standard path finder, which asks
    /// `path_hook` for each folder.
    #[pyo3(signature = (fullname, path=None, target=None))]
    fn find_spec<'py>(
        &self,
        py: Python<'py>,
        fullname: &str,
        path: Option<Bound<'py, PyAny>>,
        target: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _ = target;
        let vfs = vfs()?;
        let path = match path {
            Some(path) => path,
            None => match sys_path(py) {
                Some(path) => path,
                None => return Ok(None),
            },
        };
        let tail = fullname.rsplit_once('.').map_or(fullname, |(_, tail)| tail);
        for entry in path.try_iter()? {
            // A folder of the machine stands before the rest: the standard path finder searches
            // all of them in order, and asks `path_hook` about ours.
            let Some(folder) = folder_of(vfs, &entry?) else {
                return Ok(None);
            };
            if let Some(found) = locate(vfs, &folder, tail)? {
                return self.spec(py, vfs, fullname, found).map(Some);
            }
            // A zip file among what was sealed in has an importer of its own.
            if !vfs.payload().is_dir(&folder).map_err(damaged)? {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// Nothing is cached.
    fn invalidate_caches(&self) {}

    /// For `sys.path_hooks`: a finder for one folder of the payload; ImportError for other paths.
    fn path_hook(slf: Py<Self>, path: &Bound<'_, PyAny>) -> PyResult<OxidizedPathEntryFinder> {
        let vfs = vfs()?;
        let not_ours = || PyImportError::new_err("not a folder of this application");
        let folder = folder_of(vfs, path).ok_or_else(not_ours)?;
        if !vfs.payload().is_dir(&folder).map_err(damaged)? {
            return Err(not_ours());
        }
        Ok(OxidizedPathEntryFinder {
            finder: slf,
            folder,
        })
    }

    fn __repr__(&self) -> String {
        "<OxidizedFinder>".to_owned()
    }
}

/// Finds modules in one folder of the payload.
#[pyclass(frozen, module = "_pyxidium")]
struct OxidizedPathEntryFinder {
    finder: Py<OxidizedFinder>,
    folder: String,
}

#[pymethods]
impl OxidizedPathEntryFinder {
    /// The folder, as it stands in `sys.path` or a package's `__path__`.
    #[getter]
    fn path<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        Ok(path_string(py, &vfs()?.root().join(&self.folder)))
    }

    /// The spec of module `fullname` in this folder; for a folder without `__init__` a portion of
    /// a namespace package, as the path finder expects it.
    #[pyo3(signature = (fullname, target=None))]
    fn find_spec<'py>(
        &self,
        py: Python<'py>,
        fullname: &str,
        target: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _ = target;
        let vfs = vfs()?;
        let tail = fullname.rsplit_once('.').map_or(fullname, |(_, tail)| tail);
        let finder = self.finder.get();
        if let Some(found) = locate(vfs, &self.folder, tail)? {
            return finder.spec(py, vfs, fullname, found).map(Some);
        }
        let portion = if self.folder.is_empty() {
            tail.to_owned()
        } else {
            format!("{}/{tail}", self.folder)
        };
        if !vfs.payload().is_dir(&portion).map_err(damaged)? {
            return Ok(None);
        }
        record::folder(&portion);
        let spec = finder.module_spec.bind(py).call1((fullname, py.None()))?;
        let full = path_string(py, &vfs.root().join(portion));
        spec.setattr("submodule_search_locations", PyList::new(py, [full])?)?;
        Ok(Some(spec))
    }

    /// The modules in this folder as (name, is package), for `pkgutil.iter_modules`.
    #[pyo3(signature = (prefix=""))]
    fn iter_modules(&self, prefix: &str) -> PyResult<Vec<(String, bool)>> {
        let vfs = vfs()?;
        let mut modules = Vec::new();
        for child in vfs.payload().children(&self.folder).map_err(damaged)? {
            let child = child.map_err(damaged)?;
            let (name, package) = if child.is_dir {
                let path = if self.folder.is_empty() {
                    String::new()
                } else {
                    format!("{}/", self.folder)
                };
                if locate_file(vfs, &format!("{path}{}/__init__.", child.name), true)?.is_none() {
                    continue;
                }
                (child.name, true)
            } else {
                let suffixes = EXTENSION_SUFFIXES.iter().copied().chain([".py"]);
                match suffixes
                    .filter_map(|suffix| child.name.strip_suffix(suffix))
                    .next()
                {
                    Some(name) if name != "__init__" && !name.contains('.') => (name, false),
                    _ => continue,
                }
            };
            if modules.last().is_none_or(|(last, _)| last != name) {
                modules.push((name.to_owned(), package));
            }
        }
        modules.sort();
        modules.dedup_by(|next, first| next.0 == first.0);
        Ok(modules
            .into_iter()
            .map(|(name, package)| (format!("{prefix}{name}"), package))
            .collect())
    }

    /// Nothing is cached.
    fn invalidate_caches(&self) {}

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!(
            "OxidizedPathEntryFinder({})",
            self.path(py)?.repr()?
        ))
    }
}

/// `sys.path`, whatever the program made of it.
fn sys_path(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    // SAFETY: attached to the interpreter; the result is borrowed from `sys` and turned into a
    // reference of our own at once.
    unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PySys_GetObject(c"path".as_ptr())) }
}

/// A path as Python's file system encoding gives it.
pub(crate) fn path_string<'py>(py: Python<'py>, path: &Path) -> Bound<'py, PyString> {
    let bytes = path.as_os_str().as_bytes();
    match std::str::from_utf8(bytes) {
        Ok(text) => PyString::new(py, text),
        // SAFETY: pointer and length of one slice; the decoder returns a new reference, and with
        // `surrogateescape` it fails on lack of memory only.
        Err(_) => unsafe {
            let pointer = ffi::PyUnicode_DecodeFSDefaultAndSize(
                bytes.as_ptr().cast(),
                bytes.len() as ffi::Py_ssize_t,
            );
            Bound::from_owned_ptr(py, pointer).cast_into_unchecked()
        },
    }
}

/// The code object for the source file at `path`, or None if the payload has none.
#[pyfunction]
fn get_code<'py>(
    py: Python<'py>,
    path: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let vfs = vfs()?;
    let Some(relative) = vfs.relative(path.to_str()?.as_bytes()) else {
        return Ok(None);
    };
    code_at(py, vfs, &relative, path)
}

/// The code object of payload file `relative`, which will call itself `path`.
pub(crate) fn code_at<'py>(
    py: Python<'py>,
    vfs: &Vfs,
    relative: &str,
    path: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(entry) = vfs.payload().get(Kind::Code, relative).map_err(damaged)? else {
        return Ok(None);
    };
    record::file(relative);
    let data = entry.read().map_err(damaged)?;
    // SAFETY: pointer and length of one slice, whose hash was checked: marshal trusts its input,
    // and this is what `compile` made when the app was sealed. NULL comes with an exception set.
    let code = unsafe {
        let pointer = ffi::PyMarshal_ReadObjectFromString(
            data.as_ptr().cast(),
            data.len() as ffi::Py_ssize_t,
        );
        Bound::from_owned_ptr_or_err(py, pointer)?
    };
    // Where the executable stands is known only now; tracebacks and `inspect` need the full path.
    let imp = py.import("_imp")?;
    imp.call_method1("_fix_co_filename", (&code, path))?;
    Ok(Some(code))
}

/// The real file with the content of the payload's file at `path`, made once per user.
#[pyfunction]
fn extract(path: &str) -> PyResult<std::path::PathBuf> {
    let vfs = vfs()?;
    let Some(relative) = vfs.relative(path.as_bytes()) else {
        return Ok(path.into());
    };
    let entry = vfs.payload().get(Kind::File, &relative).map_err(damaged)?;
    record::file(&relative);
    let entry = entry.ok_or_else(|| {
        PyOSError::new_err((libc::ENOENT, "No such file or directory", path.to_owned()))
    })?;
    native::extract(&entry).map_err(|error| PyOSError::new_err(error.to_string()))
}

/// The real folder that mirrors the payload's folder at `path`, once a file of it was extracted.
#[pyfunction]
fn extracted_folder(path: &str) -> PyResult<std::path::PathBuf> {
    let vfs = vfs()?;
    let Some(relative) = vfs.relative(path.as_bytes()) else {
        return Ok(path.into());
    };
    native::tree()
        .map(|tree| tree.join(OsStr::new(&relative)))
        .map_err(|error| PyOSError::new_err(error.to_string()))
}

/// Whether any module was left out of the payload on purpose.
#[pyfunction]
fn has_left_out() -> PyResult<bool> {
    let found = vfs()?.payload().get(Kind::Meta, LeftOutModules::ENTRY);
    Ok(found.map_err(damaged)?.is_some())
}

/// Why module `name` was left out, if it was.
#[pyfunction]
fn left_out(name: &str) -> PyResult<Option<String>> {
    static LIST: OnceLock<LeftOutModules> = OnceLock::new();
    if LIST.get().is_none() {
        let found = vfs()?.payload().get(Kind::Meta, LeftOutModules::ENTRY);
        let Some(entry) = found.map_err(damaged)? else {
            return Ok(None);
        };
        let json = entry.read().map_err(damaged)?;
        // Another thread may have been faster, with the same list.
        let _ = LIST.set(LeftOutModules::from_json(&json).map_err(damaged)?);
    }
    Ok(LIST.get().and_then(|list| list.reason(name)))
}

/// The built-in module `_pyxidium`.
#[pymodule(name = "_pyxidium")]
pub(crate) fn native_module(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<OxidizedFinder>()?;
    module.add_class::<OxidizedPathEntryFinder>()?;
    module.add_function(wrap_pyfunction!(get_code, module)?)?;
    module.add_function(wrap_pyfunction!(has_left_out, module)?)?;
    module.add_function(wrap_pyfunction!(left_out, module)?)?;
    module.add_function(wrap_pyfunction!(extract, module)?)?;
    module.add_function(wrap_pyfunction!(extracted_folder, module)?)?;
    Ok(())
}
