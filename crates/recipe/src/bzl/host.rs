//! What evaluation needs of the world and may not do itself: packages, Python's own library, and what is in
//! files that only the packager can read. Answers are plain data.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::Origin;

pub use super::error::HostError;
pub use super::pip::Pip;

/// A request for packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Install {
    /// `pip install`, `pip download`.
    Pip {
        /// What its arguments come to.
        pip: Pip,
        /// Variables of the environment to set.
        environment: BTreeMap<String, String>,
    },
    /// A project in a folder, without its dependencies: `setup.py install` of old.
    Project {
        /// The folder.
        path: PathBuf,
        /// Variables of the environment to set.
        environment: BTreeMap<String, String>,
    },
    /// What is installed in a virtual environment.
    Environment {
        /// The folder.
        path: PathBuf,
    },
}

/// A file that an installation laid down, or one of Python's own library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFile {
    /// Where it goes in the payload.
    pub path: String,
    /// The pack that holds it; none for Python's own library.
    pub pack: Option<PathBuf>,
    /// The distribution that it belongs to, as that spells its name.
    pub distribution: String,
    /// Whether it may be run.
    pub executable: bool,
}

/// Reads what is in a file. Not one of the host's functions, since an attribute is read where no host is at
/// hand.
pub type Reader = Arc<dyn Fn(&HostFile) -> Result<Vec<u8>, HostError>>;

/// The world.
pub trait Host {
    /// Files of Python's own library, in order of paths.
    fn standard_library(&self) -> Result<Vec<HostFile>, HostError>;
    /// Installs packages that are asked for at a place of the recipe; their files, in order of paths.
    fn install(&self, request: &Install, at: &Origin) -> Result<Vec<HostFile>, HostError>;
}

/// A world without packages, which is enough to see what targets there are.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoHost;

impl Host for NoHost {
    fn standard_library(&self) -> Result<Vec<HostFile>, HostError> {
        Ok(Vec::new())
    }

    fn install(&self, _: &Install, _: &Origin) -> Result<Vec<HostFile>, HostError> {
        Ok(Vec::new())
    }
}

/// `lib/python3.13/site-packages/` of a payload, and Python's own library around it.
pub(super) const SITE_PACKAGES: &str = "lib/python3.13/site-packages/";
pub(super) const STDLIB: &str = "lib/python3.13/";
