//! Why a program cannot be profiled.

/// Why a program cannot be profiled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The kernel does not let us read the memory of our own child.
    #[error("this system does not let a program look into the programs that it starts")]
    Denied,
    /// The process has ended.
    #[error("the program ended before it could be looked at")]
    Gone,
    /// Not a CPython, or one of another version.
    #[error("the program is not a Python that can be profiled: {why}")]
    NotPython {
        /// What is missing.
        why: &'static str,
    },
    /// The program does not start.
    #[error("cannot run {}", .path.display())]
    Start {
        /// The program.
        path: std::path::PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The function that was to be measured did not do its part.
    #[error("{function} was not measured: the app ended without calling it")]
    NotCalled {
        /// The function.
        function: String,
    },
    /// The function cannot be a kernel, or its calls cannot be made again.
    #[error("{function} was not measured: {why}")]
    NotMeasured {
        /// The function.
        function: String,
        /// Why not.
        why: String,
    },
    /// Anything else of the system.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl Error {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Denied => Some(
                "profiling needs /proc/PID/mem: set kernel.yama.ptrace_scope to 0 or 1, or give a \
                 container the capability SYS_PTRACE",
            ),
            Self::NotPython { .. } => {
                Some("profile a script, a folder, or a file that this Pyxidium has sealed")
            }
            Self::NotCalled { .. } => {
                Some("do in the app what calls the function; a profile shows how it is named")
            }
            Self::Gone | Self::NotMeasured { .. } | Self::Start { .. } | Self::Io(_) => None,
        }
    }

    /// Whether the person can mend it by asking for something else.
    #[must_use]
    pub fn is_the_users(&self) -> bool {
        matches!(
            self,
            Self::NotPython { .. } | Self::NotCalled { .. } | Self::NotMeasured { .. } | Self::Gone
        )
    }
}
