//! Numbers as bytes: the types that JavaScript has arrays of.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Numbers as bytes.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Array {
    pub(crate) dtype: Dtype,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shape: Option<Vec<usize>>,
    pub(crate) start: usize,
    pub(crate) length: usize,
}

/// The types of numbers that JavaScript has arrays of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Dtype {
    Int8,
    UInt8,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Float32,
    Float64,
}

impl Dtype {
    const ALL: [(Self, &'static str, &'static str, usize); 10] = [
        (Self::Int8, "int8", "b", 1),
        (Self::UInt8, "uint8", "B", 1),
        (Self::Int16, "int16", "h", 2),
        (Self::UInt16, "uint16", "H", 2),
        (Self::Int32, "int32", "i", 4),
        (Self::UInt32, "uint32", "I", 4),
        (Self::Int64, "int64", "q", 8),
        (Self::UInt64, "uint64", "Q", 8),
        (Self::Float32, "float32", "f", 4),
        (Self::Float64, "float64", "d", 8),
    ];

    fn row(self) -> &'static (Self, &'static str, &'static str, usize) {
        &Self::ALL[self as usize]
    }

    /// numpy's name.
    pub(crate) fn name(self) -> &'static str {
        self.row().1
    }

    /// The `struct` module's letter.
    pub(crate) fn format(self) -> &'static str {
        self.row().2
    }

    pub(crate) fn size(self) -> usize {
        self.row().3
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|row| row.1 == name);
        found.map(|row| row.0)
    }

    /// What a buffer's format and item size mean, in this machine's byte order.
    pub(crate) fn of_format(format: &str, size: usize) -> Option<Self> {
        let letter = match format.trim_start_matches(['@', '=', '<']) {
            // Characters and truth values are bytes.
            "c" | "?" => "B",
            // `long` is as long as the machine says.
            "l" if size == 8 => "q",
            "L" if size == 8 => "Q",
            "l" => "i",
            "L" => "I",
            letter => letter,
        };
        let found = Self::ALL.iter().find(|row| row.2 == letter);
        found.map(|row| row.0)
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dtypes_are_found_by_their_number() {
        for (index, row) in Dtype::ALL.iter().enumerate() {
            assert_eq!(row.0 as usize, index);
            assert_eq!(Dtype::named(row.1), Some(row.0));
            assert_eq!(Dtype::of_format(row.2, row.3), Some(row.0));
        }
        assert_eq!(Dtype::of_format("l", 8), Some(Dtype::Int64));
        assert_eq!(Dtype::of_format("Zd", 16), None);
    }
}
