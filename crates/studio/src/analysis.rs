//! What would go into a project's file.

use packager::Cache;
use serde_json::{Value, json};

use crate::project::Request;
use crate::reporter::Reporter;
use crate::{Error, inspection, work};

/// Sizes, parts, and what a person should look at.
pub(crate) fn analyse(request: &Request, reporter: &Reporter) -> Result<Value, Error> {
    let cache = Cache::of_user()?;
    let options = work::options(request, &cache)?;
    let analysis = packager::analyse(&request.plan()?, &options, reporter)?;
    Ok(json!({
        "total": analysis.contents.size,
        "parts": inspection::parts(&analysis.contents),
        "window": analysis.contents.manifest.window.as_ref().map(inspection::window),
        "attention": analysis.attention,
    }))
}
