//! `.pth` files, which Python's `site` reads at every start, read once at build time: a path line
//! becomes a search folder of the payload, an import line is run when the app starts.

use std::path::Path;

use crate::SITE_PACKAGES;
use crate::pack::{Input, PackInfo};

/// Adds what the `.pth` files among `inputs` say to `info`.
pub(crate) fn read(prefix: &Path, inputs: &[Input], info: &mut PackInfo) {
    for input in inputs {
        let name = input
            .path
            .strip_prefix(SITE_PACKAGES)
            .and_then(|p| p.strip_prefix('/'));
        if !name.is_some_and(|n| n.ends_with(".pth") && !n.contains('/') && !n.starts_with('.')) {
            continue;
        }
        let text = String::from_utf8_lossy(&input.data);
        for line in text
            .trim_start_matches('\u{feff}')
            .lines()
            .map(str::trim_end)
        {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            if line.starts_with("import ") || line.starts_with("import\t") {
                info.startup.push(line.to_owned());
            } else if let Some(path) = super::payload_path(line)
                && prefix.join(&path).is_dir()
                && !info.sys_path.contains(&path)
            {
                info.sys_path.push(path);
            }
        }
    }
}
