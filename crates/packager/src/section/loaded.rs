//! A hash of what the system loads of a runtime: of its code, data and headers, but for the payload,
//! which has hashes of its own, and for what tools may change without changing the program (`strip`
//! moves section headers about, and the payload with them).

use super::elf::{Elf, PT_LOAD};

/// Parts of the file header that lead to section headers only.
const SECTION_FIELDS: [std::ops::Range<usize>; 2] = [40..48, 58..64];

/// Hashes a sealed file's runtime; `payload` is the payload's place in it.
pub(crate) fn hash(elf: &Elf<'_>, payload: &std::ops::Range<usize>) -> Option<[u8; 32]> {
    let table = elf.program_headers();
    let mut hasher = blake3::Hasher::new();
    for segment in elf.segments() {
        let is_payload = segment.offset == payload.start as u64;
        hasher.update(&segment.kind.to_le_bytes());
        hasher.update(&segment.flags.to_le_bytes());
        hasher.update(&segment.address.to_le_bytes());
        if is_payload {
            continue;
        }
        hasher.update(&segment.file_len.to_le_bytes());
        hasher.update(&segment.memory_len.to_le_bytes());
        if segment.kind != PT_LOAD {
            continue;
        }
        let start = usize::try_from(segment.offset).ok()?;
        let mut contents = elf.contents(&segment)?.to_vec();
        // Headers are loaded, too: what matters of the table was hashed above.
        let unstable = SECTION_FIELDS.into_iter().chain([table.clone()]);
        for range in unstable {
            let from = range.start.clamp(start, start + contents.len()) - start;
            let to = range.end.clamp(start, start + contents.len()) - start;
            contents[from..to].fill(0);
        }
        hasher.update(&contents);
    }
    Some(hasher.finalize().into())
}
