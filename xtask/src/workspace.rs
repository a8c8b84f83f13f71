//! Where things are: the checkout, cargo's target folder, the cache outside the checkout.
//!
//! Knows paths only; makes nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};

/// Every environment variable that this tool reads, besides those of cargo and the terminal.
pub mod env {
    /// Where CPython and other slow things are kept between checkouts.
    pub const CACHE: &str = "PYXIDIUM_CACHE";
    /// A CPython source archive (or a folder with one) to use instead of a download.
    pub const CPYTHON_SOURCE: &str = "PYXIDIUM_CPYTHON_SOURCE";
}

pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    pub fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().unwrap_or(manifest).to_path_buf();
        // We run as TARGET/release/xtask: cheaper to look at than to ask `cargo metadata`.
        let exe = std::env::current_exe()?;
        let target = exe.ancestors().nth(2).map(Path::to_path_buf);
        let target = target.ok_or_else(|| Error::Unexpected {
            what: exe.display().to_string(),
        })?;
        Ok(Workspace { root, target })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the checkout.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Cargo's release folder.
    pub fn release(&self, file: &str) -> PathBuf {
        self.target.join("release").join(file)
    }

    /// The cargo that started us, in the checkout.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        command.current_dir(&self.root);
        // `cargo run` sets these for us; what we start must not look like us.
        for name in [
            "CARGO_MANIFEST_DIR",
            "CARGO_MANIFEST_PATH",
            "LD_LIBRARY_PATH",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// The link which `.cargo/config.toml` names: always inside the checkout.
    pub fn cpython_link(&self) -> PathBuf {
        self.root.join("target/cpython")
    }

    pub fn dist(&self, file: &str) -> PathBuf {
        self.root.join("dist").join(file)
    }

    /// The per-user cache folder.
    pub fn cache() -> PathBuf {
        cache_folder(|name| std::env::var_os(name).map(PathBuf::from))
    }
}

fn cache_folder(var: impl Fn(&str) -> Option<PathBuf>) -> PathBuf {
    // The XDG rules: a relative path is to be ignored.
    let absolute = |name| var(name).filter(|path| path.is_absolute());
    if let Some(path) = absolute(env::CACHE) {
        return path;
    }
    let base = absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(std::env::temp_dir);
    base.join("pyxidium")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(vars: &[(&str, &str)], expected: &str) {
        let find = |name: &str| {
            vars.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| PathBuf::from(value))
        };
        assert_eq!(cache_folder(find), Path::new(expected));
    }

    #[test]
    fn the_cache_follows_our_variable_then_xdg_then_home() {
        check(
            &[(env::CACHE, "/c"), ("XDG_CACHE_HOME", "/x"), ("HOME", "/h")],
            "/c",
        );
        check(&[("XDG_CACHE_HOME", "/x"), ("HOME", "/h")], "/x/pyxidium");
        check(
            &[("XDG_CACHE_HOME", "x"), ("HOME", "/h")],
            "/h/.cache/pyxidium",
        );
    }
}
