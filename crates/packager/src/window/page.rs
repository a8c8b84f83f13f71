//! The page's folder: found, and its files looked through for what the window will refuse.

use std::path::PathBuf;

use packed_resources::WindowConfig;
use recipe::{AppFile, BuildPlan, Origin, Setting};

use super::{Problem, WindowError, inside, problem, settings};
use crate::Error;

/// The folder of a page whose author names none.
const USUAL: &str = "ui";

/// A page's folder.
pub(super) struct Folder {
    /// On disk.
    pub(super) path: PathBuf,
    /// Below the app's folder in the payload.
    pub(super) inside: String,
}

/// Finds the folder that `ui` names, relative to the file that names it.
pub(super) fn folder(plan: &BuildPlan, ui: Option<Setting>, at: &Origin) -> Result<Folder, Error> {
    let Some(setting) = ui else {
        let beside = at.path.with_file_name(USUAL);
        let path = if beside.is_dir() {
            beside
        } else {
            plan.root.join(USUAL)
        };
        let at = at.clone();
        if !path.is_dir() {
            return Err(WindowError {
                at,
                problem: Problem::NoUi,
            }
            .into());
        }
        return checked(plan, path, at);
    };
    let name = settings::text(&setting)?;
    let path = setting.origin.path.with_file_name("").join(&name);
    if !path.is_dir() {
        return Err(problem(&setting, Problem::UiMissing { path }));
    }
    checked(plan, path, setting.origin)
}

fn checked(plan: &BuildPlan, path: PathBuf, at: Origin) -> Result<Folder, Error> {
    let refuse = |problem| WindowError {
        at: at.clone(),
        problem,
    };
    let inside = match inside(plan, &path) {
        Some(inside) if !inside.is_empty() => inside,
        // The project itself would put its Python where the page can read it.
        Some(_) => return Err(refuse(Problem::UiIsProject { path }).into()),
        None => return Err(refuse(Problem::UiOutside { path }).into()),
    };
    if !path.join("index.html").is_file() {
        return Err(refuse(Problem::NoIndex { path }).into());
    }
    Ok(Folder { path, inside })
}

/// Warnings about what the pages load from elsewhere, or have inline, and the window will refuse.
pub(super) fn remote_content(
    files: &[AppFile],
    config: &WindowConfig,
) -> Result<Vec<String>, Error> {
    let mut warnings = Vec::new();
    // A policy of the author's own may allow anything.
    if config.csp.is_some() {
        return Ok(warnings);
    }
    for file in files {
        let name = file.path.to_ascii_lowercase();
        let html = name.ends_with(".html") || name.ends_with(".htm");
        if !html && !name.ends_with(".css") {
            continue;
        }
        let bytes = fs_err::read(&file.source)?;
        let text = String::from_utf8_lossy(&bytes);
        let at = |offset: usize| {
            let line = text[..offset].matches('\n').count() + 1;
            format!("{}, line {line}", file.source.display())
        };
        let found = if html { tags(&text) } else { urls(&text, 0) };
        for (offset, what) in found {
            let refused = match what {
                Found::InlineScript => "the window runs no inline script; move it to a file: \
                     <script type=\"module\" src=\"app.js\">"
                    .to_owned(),
                Found::InlineStyle => "the window uses no inline style; move it to a file: \
                     <link rel=\"stylesheet\" href=\"style.css\">"
                    .to_owned(),
                Found::Script(url) => format!(
                    "the window runs no script from elsewhere ({url}); put a copy into the page's folder"
                ),
                Found::Load(url) => {
                    let origin = origin(&url);
                    if config.origins.contains(&origin) {
                        continue;
                    }
                    format!(
                        "the window loads nothing from elsewhere ({url}); put a copy into the page's \
                         folder, or allow it: origins = [\"{origin}\"]"
                    )
                }
            };
            warnings.push(format!("{}: {refused}", at(offset)));
        }
    }
    Ok(warnings)
}

/// Something that the window will refuse.
enum Found {
    InlineScript,
    InlineStyle,
    Script(String),
    Load(String),
}

/// What the tags of a page load, with the offset of each.
fn tags(html: &str) -> Vec<(usize, Found)> {
    let mut found = Vec::new();
    let lower = html.to_ascii_lowercase();
    let mut at = 0;
    while let Some(start) = lower[at..].find('<').map(|i| at + i) {
        if lower[start..].starts_with("<!--") {
            at = lower[start..]
                .find("-->")
                .map_or(lower.len(), |i| start + i + 3);
            continue;
        }
        let end = lower[start..]
            .find('>')
            .map_or(lower.len(), |i| start + i + 1);
        let (tag, low) = (&html[start..end], &lower[start..end]);
        at = end;
        let name: &str = low[1..]
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or("");
        match name {
            "script" => {
                let kind = attribute(tag, low, "type").unwrap_or_default();
                match attribute(tag, low, "src") {
                    Some(url) if is_remote(&url) => found.push((start, Found::Script(url))),
                    Some(_) => {}
                    // Data and import maps are not run.
                    None if kind.contains("json") || kind == "importmap" => {}
                    None => found.push((start, Found::InlineScript)),
                }
                at = lower[end..].find("</script").map_or(end, |i| end + i);
            }
            "style" => {
                found.push((start, Found::InlineStyle));
                at = lower[end..]
                    .find("</style")
                    .map_or(lower.len(), |i| end + i);
            }
            "link" => {
                let rel = attribute(tag, low, "rel").unwrap_or_default();
                let loads = ["stylesheet", "icon", "preload", "manifest"];
                let url = attribute(tag, low, "href").filter(|u| is_remote(u));
                if let Some(url) = url.filter(|_| loads.iter().any(|l| rel.contains(l))) {
                    found.push((start, Found::Load(url)));
                }
            }
            "img" | "iframe" | "audio" | "video" | "source" | "embed" => {
                if let Some(url) = attribute(tag, low, "src").filter(|u| is_remote(u)) {
                    found.push((start, Found::Load(url)));
                }
            }
            _ => {}
        }
    }
    found
}

/// The value of a tag's attribute; `low` is the tag in lower case.
fn attribute(tag: &str, low: &str, name: &str) -> Option<String> {
    let mut from = 0;
    while let Some(at) = low[from..].find(name).map(|i| from + i) {
        from = at + name.len();
        let begins =
            low[..at].ends_with(|c: char| c.is_ascii_whitespace() || c == '"' || c == '\'');
        let rest = tag[from..].trim_start();
        let Some(value) = rest.strip_prefix('=').filter(|_| begins) else {
            continue;
        };
        let value = value.trim_start();
        let quoted = value.chars().next().filter(|c| *c == '"' || *c == '\'');
        let text = match quoted {
            Some(quote) => value[1..].split(quote).next(),
            None => value
                .split(|c: char| c.is_ascii_whitespace() || c == '>')
                .next(),
        };
        return text.map(str::to_owned);
    }
    None
}

/// What a style sheet loads: `url(…)` and `@import "…"`.
fn urls(css: &str, offset: usize) -> Vec<(usize, Found)> {
    let mut found = Vec::new();
    for mark in ["url(", "@import"] {
        for (at, _) in css.match_indices(mark) {
            let rest = css[at + mark.len()..]
                .trim_start()
                .trim_start_matches(['"', '\'']);
            let url: String = rest
                .chars()
                .take_while(|c| !"\"') ;\n".contains(*c))
                .collect();
            if is_remote(&url) {
                found.push((offset + at, Found::Load(url)));
            }
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found
}

fn is_remote(url: &str) -> bool {
    let url = url.trim_start().to_ascii_lowercase();
    ["https://", "http://", "//"]
        .iter()
        .any(|s| url.starts_with(s))
}

/// `https://example.org` of `https://example.org/a/b`.
fn origin(url: &str) -> String {
    let url = match url.strip_prefix("//") {
        Some(rest) => format!("https://{rest}"),
        None => url.to_owned(),
    };
    let host = url.find("://").map_or(0, |i| i + 3);
    let end = url[host..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |i| host + i);
    url[..end].to_owned()
}
