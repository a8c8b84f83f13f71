//! Digests of bytes and files: BLAKE3 (cryptographic, parallel) and XXH3 (fast, no secret kept).

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rayon::prelude::*;
use twox_hash::{XxHash3_64, XxHash3_128};

use super::Error;
use crate::work::Watch;

/// Files from this size on are mapped instead of read.
const MAPPED: u64 = 1 << 20;

/// So much is hashed between two looks at the watch: some milliseconds of one thread.
const STEP: usize = 8 << 20;

/// Steps of the watch that a file counts for, whatever its size.
pub(crate) const FILE: u64 = 1 << 20;

/// Below this, threads cost more than they bring.
pub const PARALLEL: usize = 256 << 10;

/// How bytes become a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// BLAKE3, 256 bits.
    Blake3,
    /// BLAKE3 with a key of 32 bytes.
    Blake3Keyed([u8; 32]),
    /// XXH3 of 64 bits with a seed; big-endian.
    Xxh364(u64),
    /// XXH3 of 128 bits with a seed; big-endian.
    Xxh3128(u64),
}

/// One of the hashers, and none of them knows of the others.
enum Hasher {
    Blake3(Box<blake3::Hasher>),
    Xxh364(Box<XxHash3_64>),
    Xxh3128(Box<XxHash3_128>),
}

impl Hasher {
    fn new(method: Method) -> Self {
        match method {
            Method::Blake3 => Self::Blake3(Box::default()),
            Method::Blake3Keyed(key) => Self::Blake3(Box::new(blake3::Hasher::new_keyed(&key))),
            Method::Xxh364(seed) => Self::Xxh364(Box::new(XxHash3_64::with_seed(seed))),
            Method::Xxh3128(seed) => Self::Xxh3128(Box::new(XxHash3_128::with_seed(seed))),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Blake3(hasher) if bytes.len() >= PARALLEL => drop(hasher.update_rayon(bytes)),
            Self::Blake3(hasher) => drop(hasher.update(bytes)),
            Self::Xxh364(hasher) => std::hash::Hasher::write(&mut **hasher, bytes),
            Self::Xxh3128(hasher) => hasher.write(bytes),
        }
    }

    fn end(&self) -> Vec<u8> {
        match self {
            Self::Blake3(hasher) => hasher.finalize().as_bytes().to_vec(),
            Self::Xxh364(hasher) => std::hash::Hasher::finish(&**hasher).to_be_bytes().to_vec(),
            Self::Xxh3128(hasher) => hasher.finish_128().to_be_bytes().to_vec(),
        }
    }
}

/// The digest of bytes in memory.
///
/// # Errors
/// When cancelled.
pub fn of_bytes(bytes: &[u8], method: Method, watch: &Watch) -> Result<Vec<u8>, Error> {
    of_bytes_in(bytes, method, watch, 0)
}

/// As [`of_bytes`]; it counts for so many steps of the watch, or, if those are none, for all of them.
pub(crate) fn of_bytes_in(
    bytes: &[u8],
    method: Method,
    watch: &Watch,
    steps: u64,
) -> Result<Vec<u8>, Error> {
    if bytes.len() <= STEP {
        let digest = match method {
            Method::Xxh364(seed) => {
                let digest = XxHash3_64::oneshot_with_seed(seed, bytes);
                Some(digest.to_be_bytes().to_vec())
            }
            Method::Xxh3128(seed) => {
                let digest = XxHash3_128::oneshot_with_seed(seed, bytes);
                Some(digest.to_be_bytes().to_vec())
            }
            Method::Blake3 | Method::Blake3Keyed(_) => None,
        };
        if let Some(digest) = digest {
            watch.advance(steps)?;
            return Ok(digest);
        }
    }
    let mut hasher = Hasher::new(method);
    let parts = bytes.len().div_ceil(STEP) as u64;
    if steps == 0 {
        watch.expect(parts);
    }
    for part in bytes.chunks(STEP) {
        watch.check()?;
        hasher.update(part);
        watch.advance(if steps == 0 { 1 } else { steps / parts })?;
    }
    Ok(hasher.end())
}

/// The digest of a file's content.
///
/// The file must not be made shorter meanwhile: it is mapped.
///
/// # Errors
/// When the file cannot be read, or when cancelled.
pub fn of_file(path: &Path, method: Method, watch: &Watch) -> Result<Vec<u8>, Error> {
    of_file_in(path, method, watch, 0)
}

/// As [`of_file`]; steps are as in `of_bytes_in`.
pub(crate) fn of_file_in(
    path: &Path,
    method: Method,
    watch: &Watch,
    steps: u64,
) -> Result<Vec<u8>, Error> {
    let fail = |source| Error::read(path, source);
    let mut file = File::open(path).map_err(fail)?;
    let about = file.metadata().map_err(fail)?;
    if about.is_dir() {
        return Err(fail(std::io::Error::from_raw_os_error(libc::EISDIR)));
    }
    if about.is_file() && about.len() >= MAPPED {
        // SAFETY: the map is private and only read, and lives no longer than this call. That nobody
        // shortens the file meanwhile is what the documentation asks of the caller, as every program
        // that maps files must.
        if let Ok(map) = unsafe { memmap2::Mmap::map(&file) } {
            return of_bytes_in(&map, method, watch, steps);
        }
    }
    // Small, or no plain file (a pipe, /proc).
    let mut hasher = Hasher::new(method);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => {
                watch.advance(steps)?;
                return Ok(hasher.end());
            }
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(fail(error)),
        };
        hasher.update(&buffer[..count]);
        watch.check()?;
    }
}

/// The digests of many files, in their order.
///
/// # Errors
/// The first file's, in their order, that cannot be read; or when cancelled.
pub fn of_files<P: AsRef<Path> + Sync>(
    paths: &[P],
    method: Method,
    watch: &Watch,
) -> Result<Vec<Vec<u8>>, Error> {
    of_each(paths.len(), watch, &|place| {
        of_file_in(paths[place].as_ref(), method, watch, FILE)
    })
}

/// The digests of so many files, each [`FILE`] steps of the watch.
pub(crate) fn of_each(
    count: usize,
    watch: &Watch,
    digest: &(dyn Fn(usize) -> Result<Vec<u8>, Error> + Sync),
) -> Result<Vec<Vec<u8>>, Error> {
    watch.expect(count as u64 * FILE);
    let digests: Vec<_> = (0..count)
        .into_par_iter()
        .with_max_len(8)
        .map(|place| {
            watch.check()?;
            digest(place)
        })
        .collect();
    digests.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn digests_are_those_of_the_specifications() {
        let watch = Watch::new();
        let of = |bytes: &[u8], method| hex(&of_bytes(bytes, method, &watch).unwrap());
        assert_eq!(
            of(b"", Method::Blake3),
            "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
        );
        assert_eq!(of(b"", Method::Xxh364(0)), "2d06800538d394c2");
        assert_eq!(
            of(b"", Method::Xxh3128(0)),
            "99aa06d3014798d86001c324468d497f"
        );
        assert_ne!(of(b"a", Method::Xxh364(0)), of(b"a", Method::Xxh364(1)));
        assert_ne!(
            of(b"a", Method::Blake3),
            of(b"a", Method::Blake3Keyed([7; 32]))
        );
    }

    #[test]
    fn files_large_and_small_hash_as_their_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let watch = Watch::new();
        for size in [0, 5, 100_000, MAPPED as usize + 3, STEP + 12_345] {
            let bytes: Vec<u8> = (0..size).map(|i| (i * 31 % 251) as u8).collect();
            let path = folder.path().join("file");
            std::fs::write(&path, &bytes).unwrap();
            for method in [
                Method::Blake3,
                Method::Xxh364(9),
                Method::Xxh3128(9),
                Method::Blake3Keyed([1; 32]),
            ] {
                let expected = match method {
                    Method::Blake3 => blake3::hash(&bytes).as_bytes().to_vec(),
                    Method::Blake3Keyed(key) => {
                        blake3::keyed_hash(&key, &bytes).as_bytes().to_vec()
                    }
                    Method::Xxh364(seed) => XxHash3_64::oneshot_with_seed(seed, &bytes)
                        .to_be_bytes()
                        .to_vec(),
                    Method::Xxh3128(seed) => XxHash3_128::oneshot_with_seed(seed, &bytes)
                        .to_be_bytes()
                        .to_vec(),
                };
                for threads in [1, 3] {
                    let both = pool::with_threads(threads, || {
                        (
                            of_file(&path, method, &watch).unwrap(),
                            of_bytes(&bytes, method, &watch).unwrap(),
                        )
                    });
                    assert_eq!(both.unwrap(), (expected.clone(), expected.clone()));
                }
            }
        }
    }

    #[test]
    fn the_first_missing_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "a").unwrap();
        let paths: Vec<_> = ["a", "nowhere", "nothing"]
            .iter()
            .map(|name| folder.path().join(name))
            .collect();
        let error = of_files(&paths, Method::Blake3, &Watch::new())
            .unwrap_err()
            .to_string();
        assert!(error.contains("nowhere"), "{error}");
        let error = of_file(folder.path(), Method::Blake3, &Watch::new())
            .unwrap_err()
            .to_string();
        assert!(error.contains("Is a directory"), "{error}");
        assert_eq!(
            of_files(&paths[..1], Method::Blake3, &Watch::new())
                .unwrap()
                .len(),
            1
        );
    }

    #[test]
    fn cancelled_hashing_stops() {
        let watch = Watch::new();
        watch.cancel();
        assert!(matches!(
            of_bytes(b"abc", Method::Blake3, &watch),
            Err(Error::Cancelled(_))
        ));
    }
}
