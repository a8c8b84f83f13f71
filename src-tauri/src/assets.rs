//! The app's page: files of the payload, or of a folder on disk under development.
//!
//! Everything below `/@pyxidium/` is the runtime's own. Every HTML page gets an import map, so that
//! `import { invoke } from "pyxidium"` works without a bundler.

use std::{
    borrow::Cow,
    path::{Component, Path, PathBuf},
};

use packed_resources::{Kind, Payload, WindowConfig};
use tauri::{
    Assets, Runtime,
    image::Image,
    utils::assets::{AssetKey, AssetsIter, CspHash},
};

use crate::{Error, failure};

/// Where the runtime's own files appear.
pub(crate) const OWN: &str = "@pyxidium/";

/// The module that pages import as `pyxidium`.
const CLIENT: &str = "lib/python3.13/site-packages/pyxidium/client/pyxidium.js";

/// Tauri writes a nonce of its own over the token.
const IMPORT_MAP: &str = concat!(
    r#"<script type="importmap" nonce="__TAURI_SCRIPT_NONCE__">"#,
    r#"{"imports":{"pyxidium":"/@pyxidium/pyxidium.js"}}</script>"#
);

/// Where pages come from.
#[derive(Clone)]
pub(crate) struct PageAssets {
    payload: Option<Payload<'static>>,
    ui: String,
    icon: Option<String>,
    /// A folder on disk instead of the payload's.
    folder: Option<PathBuf>,
}

impl PageAssets {
    pub(crate) fn new(payload: Option<Payload<'static>>, window: &WindowConfig) -> Self {
        Self {
            payload,
            ui: window.ui.clone(),
            icon: window.icon.clone(),
            folder: window.dev.as_ref().map(|dev| dev.ui.clone().into()),
        }
    }

    /// The app's picture, or the one of apps that have none.
    pub(crate) fn icon(&self) -> Result<Image<'static>, Error> {
        let Some(path) = &self.icon else {
            return Ok(Image::from_bytes(include_bytes!("../icons/app.png"))?);
        };
        let data = match &self.folder {
            Some(_) if Path::new(path).is_absolute() => std::fs::read(path).ok().map(Cow::Owned),
            _ => self.stored(path),
        };
        data.and_then(|data| Image::from_bytes(&data).ok())
            .ok_or_else(|| Error::Icon { path: path.clone() })
    }

    /// Whether the page has a file at `path`, a path of a URL. A folder's is its `index.html`.
    pub(crate) fn exists(&self, path: &str) -> bool {
        let path = path.trim_matches('/');
        let index = format!("{path}/index.html");
        [path, index.trim_start_matches('/')]
            .iter()
            .any(|path| self.file(path).is_some())
    }

    fn file(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        if let Some(own) = path.strip_prefix(OWN) {
            return match own {
                "pyxidium.js" => self.stored(CLIENT),
                _ => failure::page(own),
            };
        }
        // Under development a page may not leave its folder either.
        let inside = Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if path.is_empty() || !inside {
            return None;
        }
        match &self.folder {
            Some(folder) => std::fs::read(folder.join(path)).ok().map(Cow::Owned),
            None => self.stored(&format!("{}/{path}", self.ui)),
        }
    }

    fn stored(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        let entry = self.payload?.get(Kind::File, path).ok()??;
        entry.read().ok()
    }
}

impl<R: Runtime> Assets<R> for PageAssets {
    fn get(&self, key: &AssetKey) -> Option<Cow<'_, [u8]>> {
        let path = key.as_ref().trim_start_matches('/');
        let data = self.file(path)?;
        Some(if path.ends_with(".html") {
            Cow::Owned(with_import_map(&data))
        } else {
            data
        })
    }

    fn iter(&self) -> Box<AssetsIter<'_>> {
        Box::new(std::iter::empty())
    }

    fn csp_hashes(&self, _html_path: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
        Box::new(std::iter::empty())
    }
}

/// The page with the import map as the first thing in its head: it must come before any module.
fn with_import_map(html: &[u8]) -> Vec<u8> {
    let lower = html.to_ascii_lowercase();
    let find = |what: &[u8]| lower.windows(what.len()).position(|part| part == what);
    // A page has one import map; an author who writes one knows what they do.
    if find(br#"type="importmap""#).is_some() || find(b"type='importmap'").is_some() {
        return html.to_vec();
    }
    let after_tag = |start: usize| lower[start..].iter().position(|&byte| byte == b'>');
    let place = [
        &b"<head>"[..],
        b"<head ",
        b"<html>",
        b"<html ",
        b"<!doctype",
    ]
    .into_iter()
    .find_map(|tag| {
        let start = find(tag)?;
        Some(start + after_tag(start)? + 1)
    })
    .unwrap_or(0);
    [&html[..place], IMPORT_MAP.as_bytes(), &html[place..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(html: &str) -> String {
        String::from_utf8(with_import_map(html.as_bytes())).unwrap()
    }

    #[test]
    fn the_import_map_comes_first_in_the_head() {
        assert_eq!(
            mapped("<!doctype html><HEAD lang=x><title>T</title>"),
            format!("<!doctype html><HEAD lang=x>{IMPORT_MAP}<title>T</title>")
        );
        assert_eq!(
            mapped("<!doctype html><header>"),
            format!("<!doctype html>{IMPORT_MAP}<header>")
        );
        assert_eq!(mapped("hello"), format!("{IMPORT_MAP}hello"));
    }

    #[test]
    fn a_page_keeps_its_own_import_map() {
        let own = r#"<head><script type="importmap">{}</script>"#;
        assert_eq!(mapped(own), own);
    }

    #[test]
    fn a_page_under_development_cannot_leave_its_folder() {
        let folder = std::env::temp_dir().join(format!("pyxidium-assets-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("ui")).unwrap();
        std::fs::write(folder.join("ui/index.html"), "page").unwrap();
        std::fs::write(folder.join("secret"), "secret").unwrap();
        let assets = PageAssets {
            payload: None,
            ui: String::new(),
            icon: None,
            folder: Some(folder.join("ui")),
        };
        assert!(assets.exists("/index.html"));
        assert!(assets.exists("/"));
        for path in ["/../secret", "../secret", "//../secret", "x/../../secret"] {
            assert!(!assets.exists(path), "{path}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
