//! What Tauri usually takes from `tauri.conf.json` at compile time, made of the manifest at run time.

use packed_resources::{Manifest, WindowConfig};
use serde_json::json;
use tauri::{Context, Wry, utils::acl::resolved::Resolved};

use crate::{Error, assets::PageAssets};

/// The page may use what is in the app, and talk to Python. Nothing else.
const STRICT_CSP: &[(&str, &str)] = &[
    ("default-src", "'self'"),
    ("script-src", "'self'"),
    ("style-src", "'self'"),
    ("img-src", "'self' data: blob:"),
    ("font-src", "'self' data:"),
    ("media-src", "'self' blob:"),
    ("worker-src", "'self' blob:"),
    ("connect-src", "'self' ipc: http://ipc.localhost"),
    ("frame-src", "'self'"),
    ("object-src", "'none'"),
    ("base-uri", "'none'"),
    ("form-action", "'none'"),
];

/// Where origins that the app declares may be used. Not for scripts: remote code is never run.
const REMOTE: &[&str] = &[
    "style-src",
    "img-src",
    "font-src",
    "media-src",
    "connect-src",
    "frame-src",
];

/// The Content-Security-Policy of the app's pages.
pub(crate) fn csp(window: &WindowConfig) -> String {
    if let Some(own) = &window.csp {
        return own.clone();
    }
    let mut directives = Vec::new();
    for (name, sources) in STRICT_CSP {
        let mut directive = format!("{name} {sources}");
        let development = window.dev.as_ref().and_then(|dev| dev.url.as_deref());
        let declared = window.origins.iter().map(String::as_str);
        for origin in declared
            .chain(development)
            .filter(|_| REMOTE.contains(name))
        {
            directive.push(' ');
            directive.push_str(origin);
        }
        directives.push(directive);
    }
    directives.join("; ")
}

/// Tauri's context for the app that `manifest` describes.
pub(crate) fn context(
    manifest: &Manifest,
    window: &WindowConfig,
    assets: PageAssets,
) -> Result<Context<Wry>, Error> {
    let icon = assets.icon()?;
    // No command of any plugin is allowed to a page: the page talks to Python, Python to plugins.
    let authority =
        tauri::runtime_authority!(std::collections::BTreeMap::new(), Resolved::default());
    let config = json!({
        "identifier": window.identifier,
        "productName": manifest.name,
        "app": {
            "windows": [],
            "withGlobalTauri": false,
            "security": { "csp": csp(window), "freezePrototype": false },
        },
    });
    let config =
        serde_json::from_value(config).map_err(|error| Error::Options(error.to_string()))?;
    let package = tauri::PackageInfo {
        name: manifest.name.clone(),
        // Python's versions are not all versions in Tauri's sense; nothing of ours reads this one.
        version: semver::Version::new(0, 0, 0),
        authors: "",
        description: "",
        crate_name: env!("CARGO_PKG_NAME"),
    };
    Ok(Context::new(
        config,
        Box::new(assets),
        Some(icon),
        None,
        package,
        tauri::Pattern::Brownfield,
        authority,
        None,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_origins_are_never_a_source_of_scripts() {
        let window = WindowConfig {
            origins: vec!["https://tiles.example".into()],
            ..WindowConfig::default()
        };
        let csp = csp(&window);
        assert!(csp.contains("img-src 'self' data: blob: https://tiles.example"));
        assert!(csp.contains("script-src 'self';"));
        assert!(csp.contains("default-src 'self';"));
        assert!(!super::csp(&WindowConfig::default()).contains("https:"));
    }
}
