//! Why a sealed file was not bundled.

/// Why a sealed file was not bundled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// A format of another system.
    #[error("{format} is made on {system}, not on this machine")]
    OtherSystem {
        /// The format.
        format: &'static str,
        /// Where.
        system: &'static str,
    },
    /// A tool that is not there.
    #[error("{format} is made by {tool}, which is not there")]
    NoTool {
        /// The format.
        format: &'static str,
        /// The tool.
        tool: &'static str,
    },
    /// A tool that failed.
    #[error("{tool} failed: {said}")]
    Tool {
        /// The tool.
        tool: &'static str,
        /// The end of what it said.
        said: String,
    },
    /// A name that packages cannot have.
    #[error("a package cannot be called `{name}`")]
    BadName {
        /// The app's name.
        name: String,
    },
    /// A version that packages cannot have.
    #[error("a package cannot have the version `{version}`")]
    BadVersion {
        /// The app's version.
        version: String,
    },
    /// The format's own writer.
    #[error("the {format} cannot be put together: {problem}")]
    Format {
        /// The format.
        format: &'static str,
        /// What it says.
        problem: String,
    },
}

impl BundleError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::OtherSystem { .. } => {
                "run the same command there; deb, rpm and tar.gz can be made here"
            }
            Self::NoTool { .. } => {
                "put it into a folder of PATH, or name it in PYXIDIUM_APPIMAGETOOL"
            }
            Self::BadName { .. } => {
                "names have letters, digits and dashes, two at least: set `name` in [tool.pyxidium], or of a \
                 recipe's executable"
            }
            Self::BadVersion { .. } => {
                "versions are like 1.2.0, or 2.0rc1: set it in [project], or as `exe.version` in a recipe"
            }
            Self::Tool { .. } | Self::Format { .. } => return None,
        })
    }
}
