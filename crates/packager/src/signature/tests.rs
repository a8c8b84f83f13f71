//! With files that are sealed for it, and with what OpenSSL made.

use std::path::PathBuf;
use std::process::Command;

use super::*;
use crate::testing::lay;
use crate::tests::sealed;

/// Of `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout`.
const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIKYXaaNHUGplgirU5yM0TMJbdZ8JLeA0bt0jc8MbR9DJ
-----END PRIVATE KEY-----
";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA9eLLXNdN1zYUspnWneDu4sRrQcUR7LdgFh1SV4gIWXA=
-----END PUBLIC KEY-----
";

/// A sealed file and a pair of keys beside it.
struct Case {
    folder: tempfile::TempDir,
    file: PathBuf,
}

impl Case {
    fn new() -> Self {
        let (folder, file) = sealed(&[("app.py", b"x = 1\n")], "app.py");
        lay(
            folder.path(),
            &[("a.key", PRIVATE.as_bytes()), ("a.pub", PUBLIC.as_bytes())],
        );
        let file = file.unwrap();
        Self { folder, file }
    }

    fn signed() -> Self {
        let case = Self::new();
        let key = private_key(&case.path("a.key")).unwrap();
        sign(&SealedFile::open(&case.file).unwrap(), &key, &case.file).unwrap();
        case
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn check(&self, key: &str) -> Result<Option<KeyId>, String> {
        let key = public_key(&self.path(key)).map_err(|e| e.to_string())?;
        let file = SealedFile::open(&self.file).map_err(|e| e.to_string())?;
        check_signature(&file, Some(&key)).map_err(|e| {
            let text = e.to_string();
            text.rsplit_once(": it")
                .map_or(text.clone(), |(_, what)| format!("it{what}"))
        })
    }

    /// Changes a byte of the file.
    fn change(&self, at: usize) {
        let mut bytes = fs_err::read(&self.file).unwrap();
        bytes[at] ^= 1;
        fs_err::write(&self.file, bytes).unwrap();
    }

    fn payload(&self) -> Vec<u8> {
        Command::new(&self.file).output().unwrap().stdout
    }
}

#[test]
fn a_signed_file_is_vouched_for_and_runs_as_before() {
    let case = Case::new();
    assert_eq!(case.check("a.pub").unwrap_err(), "it is not signed");
    let before = case.payload();
    let bytes = fs_err::read(&case.file).unwrap();
    let key = private_key(&case.path("a.key")).unwrap();
    let file = SealedFile::open(&case.file).unwrap();
    assert_eq!(check_signature(&file, None).unwrap(), None);
    let id = sign(&file, &key, &case.file).unwrap();
    assert_eq!(case.check("a.pub").unwrap(), Some(id));
    assert_eq!(id.to_string().len(), 16);
    let after = case.payload();
    assert_eq!(before.len(), after.len());
    assert_eq!(before[..before.len() - ROOM], after[..after.len() - ROOM]);
    // Again, by the same key: the same bytes.
    let once = fs_err::read(&case.file).unwrap();
    assert_eq!(once.len(), bytes.len());
    sign(&SealedFile::open(&case.file).unwrap(), &key, &case.file).unwrap();
    assert_eq!(fs_err::read(&case.file).unwrap(), once);
    let mode = fs_err::metadata(&case.file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
}

#[test]
fn strip_keeps_the_signature() {
    let case = Case::signed();
    let done = Command::new("strip").arg(&case.file).status().unwrap();
    assert!(done.success());
    assert!(case.check("a.pub").unwrap().is_some());
}

#[test]
fn what_was_changed_is_noticed() {
    let changed = "it does not fit: the file was changed after it was signed";
    let case = Case::signed();
    let file = SealedFile::open(&case.file).unwrap();
    let elf = Elf::parse(file.bytes()).unwrap();
    let code = elf.segments().find(|s| s.kind == 1 && s.flags & 1 != 0);
    let code = code.unwrap().offset as usize;
    let end = file.place().end;
    let places = [
        // Where the program begins, its code, the signature.
        (24, "its signature does not fit"),
        (code + 8, "its signature does not fit"),
        (end - 50, "its signature does not fit"),
    ];
    for (at, expected) in places {
        case.change(at);
        let said = case.check("a.pub").unwrap_err();
        assert!(said.contains(expected), "{at}: {said} ({changed})");
        case.change(at);
    }
    assert!(case.check("a.pub").unwrap().is_some());
    // The key that the file names is another then.
    case.change(end - 100);
    assert!(case.check("a.pub").is_err());
}

#[test]
fn another_key_is_named() {
    let case = Case::signed();
    let pair = write_keys(&case.path("other")).unwrap();
    let said = case.check("other.pub").unwrap_err();
    let own = public_key(&case.path("a.pub")).unwrap();
    let expected = format!(
        "it is signed with another key: {}, not {}",
        KeyId::of(&own),
        pair.id
    );
    assert_eq!(said, expected);
}

#[test]
fn a_pair_is_private_and_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let pair = write_keys(&folder.path().join("mine")).unwrap();
    let mode = |path: &Path| fs_err::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&pair.private), mode(&pair.public)), (0o600, 0o644));
    let private = private_key(&pair.private).unwrap();
    assert_eq!(private.verifying_key(), public_key(&pair.public).unwrap());
    let again = write_keys(&folder.path().join("mine")).unwrap_err();
    assert!(
        again
            .to_string()
            .ends_with("mine.key: it is there already, and keys are not replaced")
    );
    assert_eq!(again.hint().as_deref(), Some("choose another name with -o"));
    fs_err::remove_file(&pair.private).unwrap();
    assert!(write_keys(&folder.path().join("mine")).is_err());
    assert!(!pair.private.exists());
}

#[test]
fn files_that_are_no_keys() {
    let case = Case::new();
    let encrypted = PRIVATE.replace("PRIVATE", "ENCRYPTED PRIVATE");
    lay(
        case.folder.path(),
        &[("x", b"no key"), ("locked", encrypted.as_bytes())],
    );
    let private = |name: &str| private_key(&case.path(name)).unwrap_err().to_string();
    let public = |name: &str| public_key(&case.path(name)).unwrap_err().to_string();
    assert!(private("a.pub").ends_with("this is a public key; signing takes the private one"));
    assert!(public("a.key").ends_with("this is a private key; checking takes the public one"));
    assert!(private("locked").ends_with("it has a password"));
    assert!(private("x").contains("no private key of Ed25519 in PEM form: "));
    assert!(public("x").contains("no public key of Ed25519 in PEM form: "));
    assert!(public("missing").ends_with("missing does not exist"));
}

#[test]
fn a_file_without_room_says_so() {
    let case = Case::new();
    let file = SealedFile::open(&case.file).unwrap();
    let place = file.place().clone();
    let mut bytes = fs_err::read(&case.file).unwrap();
    // As sealed by an older Pyxidium: the segment ends with the payload.
    let elf = Elf::parse(&bytes).unwrap();
    let table = elf.program_headers();
    let at = table
        .step_by(56)
        .find(|&at| bytes[at + 8..at + 16] == (place.start as u64).to_le_bytes());
    let at = at.unwrap();
    let len = (place.len() - ROOM) as u64;
    bytes[at + 32..at + 40].copy_from_slice(&len.to_le_bytes());
    bytes[at + 40..at + 48].copy_from_slice(&len.to_le_bytes());
    fs_err::write(&case.file, bytes).unwrap();
    let file = SealedFile::open(&case.file).unwrap();
    let key = private_key(&case.path("a.key")).unwrap();
    let said = sign(&file, &key, &case.file).unwrap_err();
    assert!(
        said.to_string()
            .ends_with("app: it has no room for a signature")
    );
    assert_eq!(case.check("a.pub").unwrap_err(), "it is not signed");
}
