//! The modules that CPython needs before any importer of ours can run, `encodings` above all.
//!
//! They are entries of the payload, uncompressed; CPython reads them where the kernel mapped them.

use std::ffi::CString;

use packed_resources::{Kind, Payload};
use pyo3::ffi;

use crate::Error;

/// Points CPython's public table of frozen modules at the payload's entries.
///
/// The table lives as long as the process, as CPython demands.
pub(crate) fn publish(payload: Payload<'static>) -> Result<(), Error> {
    let mut table = Vec::new();
    for entry in payload.prefix(Kind::Frozen, "") {
        let entry = entry?;
        let code = entry.stored()?;
        let name = CString::new(entry.name()).map_err(|_| Error::Nul {
            what: "a module name",
        })?;
        let package = payload
            .prefix(Kind::Frozen, &format!("{}.", entry.name()))
            .next()
            .is_some();
        table.push(ffi::_frozen {
            name: name.into_raw(),
            code: code.as_ptr(),
            size: code.len() as i32,
            is_package: package.into(),
        });
    }
    table.push(ffi::_frozen {
        name: std::ptr::null(),
        code: std::ptr::null(),
        size: 0,
        is_package: 0,
    });
    let table = Box::leak(table.into_boxed_slice());
    // SAFETY: no interpreter runs yet (`MainPythonInterpreter::new` is entered once per process),
    // so nobody else reads or writes CPython's variable.
    unsafe { ffi::PyImport_FrozenModules = table.as_ptr() };
    Ok(())
}
