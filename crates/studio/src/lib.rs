//! The Python module `_pyxidium_studio`: recipe, packager and profiler, for Pyxidium Studio.
//!
//! Short questions (what is this project, what is in this file) are answered at once; long work
//! runs on a thread of its own as a [`job`], from which Python takes events. Answers are JSON text,
//! so that this room knows nothing of Python's types, and Python nothing of ours.
//!
//! What happens on the page is `app_py/studio`'s business; how a file is sealed is `packager`'s.

mod analysis;
mod error;
mod events;
mod inspection;
mod job;
mod profiling;
mod project;
mod reporter;
mod work;

use std::ffi::OsString;
use std::path::PathBuf;

use pyo3::prelude::*;

pub use error::Error;

use job::Job;
use project::Request;

/// What this Studio, and each file that it seals, calls itself.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What pyembed makes importable.
///
/// # Errors
/// When Python has no memory left.
#[pymodule(name = "_pyxidium_studio")]
pub fn native_module(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("VERSION", VERSION)?;
    module.add("StudioError", module.py().get_type::<error::StudioError>())?;
    module.add("Cancelled", module.py().get_type::<error::Cancelled>())?;
    module.add_class::<Job>()?;
    module.add_function(wrap_pyfunction!(is_sealed, module)?)?;
    module.add_function(wrap_pyfunction!(project_at, module)?)?;
    module.add_function(wrap_pyfunction!(inspect, module)?)?;
    module.add_function(wrap_pyfunction!(analyse, module)?)?;
    module.add_function(wrap_pyfunction!(build, module)?)?;
    module.add_function(wrap_pyfunction!(verify, module)?)?;
    module.add_function(wrap_pyfunction!(profile, module)?)?;
    module.add_function(wrap_pyfunction!(measure, module)?)
}

/// Whether a file was sealed by Pyxidium.
#[pyfunction]
fn is_sealed(py: Python<'_>, path: PathBuf) -> bool {
    py.detach(|| packager::SealedFile::open(&path).is_ok())
}

/// What a script or folder is, as JSON.
#[pyfunction]
#[pyo3(name = "project")]
fn project_at(py: Python<'_>, request: Request) -> Result<String, Error> {
    py.detach(|| project::describe(&request))
}

/// What is in a sealed file, as JSON.
#[pyfunction]
fn inspect(py: Python<'_>, path: PathBuf) -> Result<String, Error> {
    py.detach(|| inspection::describe(&path))
}

/// Starts to find out what would go into a project's file.
#[pyfunction]
fn analyse(request: Request) -> Result<Job, Error> {
    Job::start("analyse", move |reporter| {
        analysis::analyse(&request, reporter)
    })
}

/// Starts to seal a project.
#[pyfunction]
fn build(request: Request) -> Result<Job, Error> {
    Job::start("build", move |reporter| work::build(&request, reporter))
}

/// Starts a project's app and looks where its time goes, until it ends or is told to.
#[pyfunction]
fn profile(request: Request, arguments: Vec<OsString>) -> Result<Job, Error> {
    Job::start("profile", move |reporter| {
        profiling::profile(&request, &arguments, reporter)
    })
}

/// Starts a project's app and compares one of its functions with what `@kernel` would make of it.
#[pyfunction]
fn measure(
    request: Request,
    arguments: Vec<OsString>,
    function: profiling::Function,
    calls: u32,
) -> Result<Job, Error> {
    Job::start("measure", move |reporter| {
        profiling::measure(&request, &arguments, function, calls, reporter)
    })
}

/// Starts to check every byte of a sealed file.
#[pyfunction]
fn verify(path: PathBuf) -> Result<Job, Error> {
    Job::start("verify", move |reporter| {
        inspection::verify(&path, reporter)
    })
}
