//! The payload into the runtime: one file.

use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use packed_resources::{Summary, Writer};

use crate::output::Unfinished;
use crate::progress::Stoppable;
use crate::section::elf::Head;
use crate::{APP, Error, Progress, SITE_PACKAGES, STDLIB, Unit, progress, signature};

/// Option of the manifest that names the CPython inside.
pub(crate) const CPYTHON_KEY: &str = "cpython-key";

/// The machine that sealed files are for.
pub(crate) const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The folders in which every sealed app looks for modules, in order.
pub(crate) fn sys_path(additions: impl IntoIterator<Item = String>) -> Vec<String> {
    let dynload = format!("{STDLIB}/lib-dynload");
    let mut list: Vec<String> = [APP, STDLIB, &dynload, SITE_PACKAGES]
        .map(str::to_owned)
        .into();
    for folder in additions {
        if !list.contains(&folder) {
            list.push(folder);
        }
    }
    list
}

/// Writes `output`: a runtime with everything in `writer`.
pub(crate) fn write(
    output: &Path,
    head: Head,
    writer: &mut Writer<'_>,
    progress: &dyn Progress,
) -> Result<(Summary, u64), Error> {
    progress::check(progress)?;
    progress.begin("writing", None, Unit::Bytes);
    let result = write_parts(output, head, writer, progress);
    progress.end();
    result
}

fn write_parts(
    output: &Path,
    head: Head,
    writer: &mut Writer<'_>,
    progress: &dyn Progress,
) -> Result<(Summary, u64), Error> {
    let mut out = Unfinished::create(output)?;
    let start = head.len();
    if let Err(e) = out.file().seek(SeekFrom::Start(start)) {
        return Err(out.failed(e));
    }
    let stoppable = Stoppable::new(out.file(), progress);
    let result = writer.finish(&mut BufWriter::with_capacity(1 << 20, stoppable));
    let summary = match result {
        Ok(summary) => summary,
        Err(packed_resources::Error::Write(_)) if progress.cancelled() => {
            return Err(Error::Cancelled);
        }
        Err(packed_resources::Error::Write(e)) => return Err(out.failed(e)),
        Err(e) => return Err(Error::payload("the payload cannot be put together")(e)),
    };
    if let Err(e) = out.file().write_all(&[0; signature::ROOM]) {
        return Err(out.failed(e));
    }
    let payload_len = summary.total_len + signature::ROOM as u64;
    let head = head.finish(payload_len);
    let mut write_head = || -> std::io::Result<()> {
        out.file().seek(SeekFrom::Start(0))?;
        out.file().write_all(&head)
    };
    if let Err(e) = write_head() {
        return Err(out.failed(e));
    }
    out.finish(0o755)?;
    let len = start + payload_len;
    Ok((summary, len))
}
