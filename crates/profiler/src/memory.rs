//! The memory of another process, through `/proc/PID/mem`. A parent may read its child's; what is
//! not there any more is `None`, never a fault.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use crate::Error;

/// Longer texts and tables are taken for garbage: the program went on while we were reading.
const MOST: u64 = 1 << 20;

/// A process's memory, to be read.
#[derive(Debug)]
pub(crate) struct Memory(File);

impl Memory {
    pub(crate) fn open(pid: u32) -> Result<Self, Error> {
        match File::open(format!("/proc/{pid}/mem")) {
            Ok(file) => Ok(Self(file)),
            Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => Err(Error::Denied),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(Error::Gone),
            Err(e) => Err(Error::Io(e)),
        }
    }

    /// Fills `buffer` from an address.
    pub(crate) fn read(&self, address: u64, buffer: &mut [u8]) -> Option<()> {
        self.0.read_exact_at(buffer, address).ok()
    }

    pub(crate) fn word(&self, address: u64) -> Option<u64> {
        let mut word = [0; 8];
        self.read(address, &mut word)?;
        Some(u64::from_le_bytes(word))
    }

    pub(crate) fn bytes(&self, address: u64, len: u64) -> Option<Vec<u8>> {
        if len > MOST {
            return None;
        }
        let mut bytes = vec![0; usize::try_from(len).ok()?];
        self.read(address, &mut bytes)?;
        Some(bytes)
    }
}

/// A little-endian number in bytes that were read.
pub(crate) fn word_at(bytes: &[u8], at: u64) -> Option<u64> {
    let at = usize::try_from(at).ok()?;
    let word = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(word.try_into().ok()?))
}
