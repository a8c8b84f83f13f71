//! Pairs of keys as files: PEM, as OpenSSL writes them (PKCS #8 and SubjectPublicKeyInfo).

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{
    DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _,
};
use ed25519_dalek::{SigningKey, VerifyingKey};

use super::{KeyId, SignatureError};
use crate::Error;

/// A pair of keys that was made.
#[derive(Debug)]
pub struct KeyPair {
    /// The file to keep.
    pub private: PathBuf,
    /// The file to give away.
    pub public: PathBuf,
    /// A short name of the public one.
    pub id: KeyId,
}

/// Makes a pair, as `NAME.key` and `NAME.pub`.
pub fn write_keys(name: &Path) -> Result<KeyPair, Error> {
    let with = |extension: &str| {
        let mut path = name.as_os_str().to_owned();
        path.push(extension);
        PathBuf::from(path)
    };
    let (private, public) = (with(".key"), with(".pub"));
    for path in [&private, &public] {
        if path.symlink_metadata().is_ok() {
            return Err(failed(path, SignatureError::KeyExists));
        }
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| failed(&private, SignatureError::NoChance))?;
    let key = SigningKey::from_bytes(&seed);
    let unusable = |e: &dyn std::fmt::Display| bad("private", e.to_string());
    let pem = key
        .to_pkcs8_pem(LineEnding::LF)
        .map_err(|e| failed(&private, unusable(&e)))?;
    let public_pem = key
        .verifying_key()
        .to_public_key_pem(LineEnding::LF)
        .map_err(|e| failed(&public, unusable(&e)))?;
    create(&private, 0o600, pem.as_bytes())?;
    if let Err(e) = create(&public, 0o644, public_pem.as_bytes()) {
        let _ = std::fs::remove_file(&private);
        return Err(e);
    }
    Ok(KeyPair {
        private,
        public,
        id: KeyId::of(&key.verifying_key()),
    })
}

/// A file that was not there, private from its first moment where it has to be.
fn create(path: &Path, mode: u32, contents: &[u8]) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(mode).open(path);
    let done = opened.and_then(|mut file| {
        file.write_all(contents)?;
        file.sync_all()
    });
    done.map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => failed(path, SignatureError::KeyExists),
        _ => Error::write(path, e),
    })
}

/// Reads a private key.
pub fn private_key(path: &Path) -> Result<SigningKey, Error> {
    let text = read(path)?;
    if text.contains("BEGIN PUBLIC KEY") {
        return Err(failed(path, SignatureError::PublicKey));
    }
    if text.contains("BEGIN ENCRYPTED PRIVATE KEY") {
        return Err(failed(path, bad("private", "it has a password".into())));
    }
    SigningKey::from_pkcs8_pem(&text).map_err(|e| failed(path, bad("private", e.to_string())))
}

/// Reads a public key.
pub fn public_key(path: &Path) -> Result<VerifyingKey, Error> {
    let text = read(path)?;
    if text.contains("PRIVATE KEY") {
        return Err(failed(path, SignatureError::PrivateKey));
    }
    VerifyingKey::from_public_key_pem(&text).map_err(|e| failed(path, bad("public", e.to_string())))
}

fn read(path: &Path) -> Result<String, Error> {
    if !path.exists() {
        return Err(Error::Missing { path: path.into() });
    }
    Ok(String::from_utf8_lossy(&fs_err::read(path)?).into_owned())
}

fn bad(wanted: &'static str, problem: String) -> SignatureError {
    SignatureError::BadKey { wanted, problem }
}

fn failed(path: &Path, source: SignatureError) -> Error {
    Error::Signature {
        path: path.into(),
        source,
    }
}
