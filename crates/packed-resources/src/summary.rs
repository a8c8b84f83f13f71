//! [`Summary`]: what a payload holds, in numbers.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::format::Kind;

/// What a payload holds, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    /// The checksum of the index: identifies the payload.
    #[serde(serialize_with = "hex")]
    pub hash: [u8; 32],
    /// How many entries.
    pub entries: usize,
    /// Length of the payload.
    pub total_len: u64,
    /// Sum of the entries' lengths.
    pub raw_len: u64,
    /// Sum of the entries' stored lengths.
    pub stored_len: u64,
    /// Bytes of data in the payload: less than `stored_len` where entries share their contents.
    pub data_len: u64,
    /// The same by kind; kinds without entries are left out.
    pub kinds: BTreeMap<Kind, KindSummary>,
}

/// The entries of one kind, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct KindSummary {
    /// How many entries.
    pub entries: usize,
    /// Sum of their lengths.
    pub raw_len: u64,
    /// Sum of their stored lengths.
    pub stored_len: u64,
}

impl Summary {
    pub(crate) fn count(&mut self, kind: Kind, raw_len: u64, stored_len: u64) {
        let of_kind = self.kinds.entry(kind).or_default();
        of_kind.entries += 1;
        // Entries may share bytes, so a payload may claim more than fits.
        of_kind.raw_len = of_kind.raw_len.saturating_add(raw_len);
        of_kind.stored_len = of_kind.stored_len.saturating_add(stored_len);
    }

    pub(crate) fn finish(&mut self, total_len: u64, data_len: u64) {
        (self.total_len, self.data_len) = (total_len, data_len);
        for of_kind in self.kinds.values() {
            self.entries += of_kind.entries;
            self.raw_len = self.raw_len.saturating_add(of_kind.raw_len);
            self.stored_len = self.stored_len.saturating_add(of_kind.stored_len);
        }
    }
}

fn hex<S: serde::Serializer>(hash: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&blake3::Hash::from_bytes(*hash).to_hex())
}
