//! Who vouches for a sealed file: an Ed25519 signature over the payload's hash and the runtime's.
//!
//! Behind the payload every sealed file has room for a signature, which the payload's length does not
//! count. So a file is signed after it was sealed, `strip` keeps the signature, and nothing else of the
//! file changes.
//!
//! | offset | size | |
//! |-------:|-----:|-|
//! |  0 |  8 | `PYXISIGN`; zeroes in a file that is not signed |
//! |  8 |  2 | version: 1 |
//! | 10 |  6 | 0 |
//! | 16 | 32 | the public key |
//! | 48 | 64 | the signature |
//! | 112 | 16 | 0 |

mod keys;
#[cfg(test)]
mod tests;

use std::io::{BufWriter, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::Error;
use crate::inspect::SealedFile;
use crate::output::Unfinished;
use crate::section::elf::Elf;
use crate::section::loaded;
pub use keys::{KeyPair, private_key, public_key, write_keys};

/// Room for a signature.
pub(crate) const ROOM: usize = 128;

const MAGIC: &[u8; 8] = b"PYXISIGN";
const VERSION: u16 = 1;
/// Keeps a signature from being good for anything else that is signed with the same key.
const CONTEXT: &[u8] = b"Pyxidium: a sealed file, 1\n";

/// Why a file cannot be signed, or its signature is not what it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// Nobody signed it.
    #[error("it is not signed")]
    Unsigned,
    /// A file of an older Pyxidium, or cut.
    #[error("it has no room for a signature")]
    NoRoom,
    /// A signature of a newer Pyxidium.
    #[error("its signature is of version {0}, which this Pyxidium does not know")]
    Version(u16),
    /// Somebody else signed it.
    #[error("it is signed with another key: {found}, not {expected}")]
    OtherKey {
        /// The key that signed it.
        found: KeyId,
        /// The one that was asked for.
        expected: KeyId,
    },
    /// It was changed since.
    #[error("its signature does not fit: the file was changed after it was signed")]
    Changed,
    /// No key that can be used.
    #[error("no {wanted} key of Ed25519 in PEM form: {problem}")]
    BadKey {
        /// Which kind was wanted.
        wanted: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The other half of a pair.
    #[error("this is a private key; checking takes the public one")]
    PrivateKey,
    /// The other half of a pair.
    #[error("this is a public key; signing takes the private one")]
    PublicKey,
    /// A key that is there already.
    #[error("it is there already, and keys are not replaced")]
    KeyExists,
    /// No chance to be had.
    #[error("the system gives no random numbers")]
    NoChance,
}

impl SignatureError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Unsigned => "`pyxidium sign FILE --key PRIVATE` signs it",
            Self::NoRoom => "seal the app again with this Pyxidium",
            Self::Version(_) => "check it with the Pyxidium that signed it, or a newer one",
            Self::OtherKey { .. } => "do not run it unless you know whose key that is",
            Self::Changed => "do not run it; get it again from where it came from",
            Self::BadKey { .. } => {
                "`pyxidium keygen` makes a pair; `openssl pkey` takes the password off a key"
            }
            Self::PrivateKey | Self::PublicKey => {
                "a pair of keys is two files: NAME.key and NAME.pub"
            }
            Self::KeyExists => "choose another name with -o",
            Self::NoChance => return None,
        })
    }
}

/// A short name of a public key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyId([u8; 8]);

impl KeyId {
    fn of(key: &VerifyingKey) -> Self {
        let hash = blake3::hash(key.as_bytes());
        let mut id = [0; 8];
        id.copy_from_slice(&hash.as_bytes()[..8]);
        Self(id)
    }
}

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl std::fmt::Debug for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// Signs a sealed file. The new file takes the place of the old one, or is `output`.
pub fn sign(file: &SealedFile, key: &SigningKey, output: &Path) -> Result<KeyId, Error> {
    let place = room(file).ok_or_else(|| file.signature(SignatureError::NoRoom))?;
    let message = message(file)?;
    let public = key.verifying_key();
    let mut signature = Vec::with_capacity(ROOM);
    signature.extend_from_slice(MAGIC);
    signature.extend_from_slice(&VERSION.to_le_bytes());
    signature.resize(16, 0);
    signature.extend_from_slice(public.as_bytes());
    signature.extend_from_slice(&key.sign(&message).to_bytes());
    signature.resize(ROOM, 0);
    let mode = fs_err::metadata(file.path())?.permissions().mode();
    let mut out = Unfinished::create(output)?;
    let bytes = file.bytes();
    let write = |out: &mut Unfinished| {
        let mut writer = BufWriter::with_capacity(1 << 20, out.file());
        writer.write_all(&bytes[..place.start])?;
        writer.write_all(&signature)?;
        writer.write_all(&bytes[place.end..])?;
        writer.flush()
    };
    write(&mut out).map_err(|e| out.failed(e))?;
    out.finish(mode & 0o777)?;
    Ok(KeyId::of(&public))
}

/// Checks the signature of a file: with `key`, that this key made it; without, that it fits the key
/// that it names, which anybody can put there. `None`: not signed, and nobody asked.
pub fn check_signature(
    file: &SealedFile,
    key: Option<&VerifyingKey>,
) -> Result<Option<KeyId>, Error> {
    let failed = |e| file.signature(e);
    let found = read(file).map_err(failed)?;
    let (public, signature) = match (found, key) {
        (Some(found), _) => found,
        (None, None) => return Ok(None),
        (None, Some(_)) => return Err(failed(SignatureError::Unsigned)),
    };
    if let Some(expected) = key.filter(|expected| **expected != public) {
        return Err(failed(SignatureError::OtherKey {
            found: KeyId::of(&public),
            expected: KeyId::of(expected),
        }));
    }
    public
        .verify_strict(&message(file)?, &signature)
        .map_err(|_| failed(SignatureError::Changed))?;
    Ok(Some(KeyId::of(&public)))
}

/// What is signed.
fn message(file: &SealedFile) -> Result<Vec<u8>, Error> {
    let payload = file.payload()?;
    let damaged = |source| Error::Section {
        path: file.path().into(),
        source,
    };
    let elf = Elf::parse(file.bytes()).map_err(damaged)?;
    let runtime = loaded::hash(&elf, file.place());
    let runtime = runtime.ok_or_else(|| file.signature(SignatureError::Changed))?;
    Ok([CONTEXT, &payload.hash(), &runtime].concat())
}

/// The place in the file for a signature.
fn room(file: &SealedFile) -> Option<std::ops::Range<usize>> {
    let place = file.place();
    let len = usize::try_from(file.payload().ok()?.total_len()).ok()?;
    let start = place.start.checked_add(len)?;
    let end = start.checked_add(ROOM)?;
    (end <= place.end).then_some(start..end)
}

/// The key and the signature that a file has.
fn read(file: &SealedFile) -> Result<Option<(VerifyingKey, Signature)>, SignatureError> {
    let Some(place) = room(file) else {
        return Ok(None);
    };
    let bytes = &file.bytes()[place];
    if bytes.iter().all(|&b| b == 0) {
        return Ok(None);
    }
    let version = u16::from_le_bytes([bytes[8], bytes[9]]);
    if !bytes.starts_with(MAGIC) {
        return Err(SignatureError::Changed);
    }
    if version != VERSION {
        return Err(SignatureError::Version(version));
    }
    let (mut key, mut signature) = ([0; 32], [0; 64]);
    key.copy_from_slice(&bytes[16..48]);
    signature.copy_from_slice(&bytes[48..112]);
    let key = VerifyingKey::from_bytes(&key).map_err(|_| SignatureError::Changed)?;
    Ok(Some((key, Signature::from_bytes(&signature))))
}
