//! The place of a payload in an executable file, per platform. Only these files know an executable's
//! byte layout. Linux for now; Windows (PE) and macOS (Mach-O) get a file each beside `elf`.

pub(crate) mod dynamic;
pub(crate) mod elf;
pub(crate) mod loaded;

use recipe::Fault;

/// Why a payload cannot be put into or found in a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SectionError {
    /// No executable at all.
    #[error("not an executable file")]
    NotElf,
    /// An executable of another machine.
    #[error("an executable of another kind of machine ({0})")]
    OtherMachine(&'static str),
    /// An executable without a payload.
    #[error("holds no Pyxidium payload")]
    NoPayload,
    /// The file ends before what its headers promise.
    #[error("the file is cut short: it should have at least {expected} bytes and has {found}")]
    Truncated {
        /// Bytes that the headers promise.
        expected: u64,
        /// Bytes that are there.
        found: u64,
    },
    /// Headers that contradict themselves.
    #[error("the executable is damaged at offset {offset}: {what}")]
    Damaged {
        /// Where.
        offset: u64,
        /// What.
        what: &'static str,
    },
    /// A runtime that has no place for a payload.
    #[error("not a runtime of Pyxidium: it reserves no place for a payload")]
    NoReservation,
    /// A runtime that already has one.
    #[error("already holds a payload")]
    AlreadySealed,
}

impl SectionError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        match self {
            Self::NoReservation | Self::AlreadySealed => Fault::Internal,
            _ => Fault::User,
        }
    }

    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotElf | Self::NoPayload | Self::OtherMachine(_) => {
                "name a file that `pyxidium build` wrote".into()
            }
            Self::Truncated { .. } => "copy or download the file again".into(),
            _ => return None,
        })
    }
}
