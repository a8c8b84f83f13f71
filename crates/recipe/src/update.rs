//! `[tool.pyxidium.update]`: who may update an app, and where its updates are announced.

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use crate::settings::Document;
use crate::{Error, discover};

/// How an app updates itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The public key's file.
    pub key: PathBuf,
    /// Where the manifest of updates is.
    pub url: String,
}

/// Reads it out of a document.
pub(crate) fn read(document: &Document<'_>) -> Result<Option<Update>, Error> {
    #[derive(Deserialize, Default)]
    struct Settings {
        update: Option<Table>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Table {
        key: Spanned<String>,
        url: Spanned<String>,
    }
    let Some(table) = document.own::<Settings>()?.update else {
        return Ok(None);
    };
    if !is_safe(table.url.as_ref()) {
        let message = format!(
            "`{}` is no address for updates: they come by https, or by http from this machine",
            table.url.as_ref()
        );
        return Err(document.bad(&table.url, message));
    }
    Ok(Some(Update {
        // Like every path of a project, relative to the file that names it.
        key: discover::parent(document.path).join(table.key.as_ref()),
        url: table.url.into_inner(),
    }))
}

/// Whether nobody on the way can answer for an address: what `pyxidium.update` asks, too.
#[must_use]
pub fn is_safe(url: &str) -> bool {
    let plain = url.chars().all(|c| c.is_ascii_graphic());
    let host = |rest: &str| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let port = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        let host = authority.rsplit_once(':').filter(|(_, end)| port(end));
        host.map_or(authority, |(host, _)| host).to_owned()
    };
    let here = ["localhost", "127.0.0.1", "[::1]"];
    plain
        && match url.split_once("://") {
            Some(("https", rest)) => !host(rest).is_empty(),
            Some(("http", rest)) => here.contains(&host(rest).as_str()),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn updates_come_from_where_nobody_else_can_answer() {
        for good in [
            "https://example.org/latest.json",
            "https://example.org:8443/latest.json",
            "http://localhost:8000/a",
            "http://127.0.0.1:1/",
            "http://[::1]:80/x",
            "http://localhost",
        ] {
            assert!(is_safe(good), "{good}");
        }
        for bad in [
            "http://example.org/latest.json",
            "http://localhost.example.org/",
            "http://localhost@example.org/",
            "http://localhost:80@example.org/",
            "https:///latest.json",
            "ftp://localhost/",
            "file:///latest.json",
            "latest.json",
            "https://example.org/a b",
        ] {
            assert!(!is_safe(bad), "{bad}");
        }
    }
}
