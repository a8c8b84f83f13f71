//! A licence as a part states it, and what is known of it: expressions of SPDX are understood, older
//! ways to write the common ones are brought into that form, all else stays what it is.

use serde::Serialize;
use spdx::{Expression, ParseMode};

/// What a part says its licence is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Licence {
    /// An expression of SPDX, such as `MIT OR Apache-2.0`.
    Spdx(String),
    /// Words, such as `BSD License`.
    Words(String),
}

/// How far a licence that wants its terms kept goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copyleft {
    /// To the files that are under it.
    Files,
    /// Perhaps to the whole that they become a part of.
    Whole,
}

/// Families of licences that speak of files, changed or not, and of nothing that is put beside them.
const OF_FILES: [&str; 2] = ["MPL-", "CDDL-"];

/// Classifiers and habits for which there is one meaning only.
const HABITS: [(&str, &str); 12] = [
    ("mit license", "MIT"),
    ("the mit license", "MIT"),
    ("apache 2.0", "Apache-2.0"),
    ("apache license 2.0", "Apache-2.0"),
    ("apache license, version 2.0", "Apache-2.0"),
    ("bsd 3-clause", "BSD-3-Clause"),
    ("bsd 3-clause license", "BSD-3-Clause"),
    ("bsd-3-clause license", "BSD-3-Clause"),
    ("3-clause bsd license", "BSD-3-Clause"),
    ("isc license (iscl)", "ISC"),
    ("mozilla public license 2.0 (mpl 2.0)", "MPL-2.0"),
    ("the unlicense (unlicense)", "Unlicense"),
];

impl Licence {
    /// Reads what a part says.
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        if let Some((_, id)) = HABITS.iter().find(|h| h.0 == lower) {
            return Self::Spdx((*id).into());
        }
        let strict = Expression::parse(text).is_ok();
        // Old identifiers such as GPL-3.0, and lower case, as many write them.
        let loose = || Expression::parse_mode(text, ParseMode::LAX).is_ok();
        match Expression::canonicalize(text) {
            _ if strict => Self::Spdx(text.into()),
            Ok(Some(better)) if Expression::parse(&better).is_ok() => Self::Spdx(better),
            _ if loose() && spdx::license_id(text).is_some() => Self::Spdx(text.into()),
            _ => Self::Words(text.into()),
        }
    }

    /// As it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Spdx(text) | Self::Words(text) => text,
        }
    }

    /// What it asks of who passes an app on, however one chooses; `None` if that is no more than a notice.
    #[must_use]
    pub fn copyleft(&self) -> Option<Copyleft> {
        let expression = match self {
            Self::Spdx(text) => Expression::parse_mode(text, ParseMode::LAX).ok()?,
            // GPL, AGPL and LGPL, however they are written.
            Self::Words(text) => {
                let whole = text.contains("GPL") || text.contains("General Public License");
                return whole.then_some(Copyleft::Whole);
            }
        };
        // An expression that holds without such a licence offers a way around.
        let holds = |allowed: &dyn Fn(spdx::LicenseId) -> bool| {
            expression.evaluate(|r| r.license.id().is_none_or(allowed))
        };
        let files = |id: spdx::LicenseId| OF_FILES.iter().any(|family| id.name.starts_with(family));
        if holds(&|id| !id.is_copyleft() && !files(id)) {
            None
        } else if holds(&|id| !id.is_copyleft() || files(id)) {
            Some(Copyleft::Files)
        } else {
            Some(Copyleft::Whole)
        }
    }

    /// Whether it is one identifier.
    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Self::Spdx(text) => spdx::license_id(text).map(|id| id.name),
            Self::Words(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_habits_and_words() {
        let spdx = |text: &str| Licence::Spdx(text.into());
        assert_eq!(Licence::new("MIT OR Apache-2.0"), spdx("MIT OR Apache-2.0"));
        assert_eq!(Licence::new("MIT License"), spdx("MIT"));
        assert_eq!(Licence::new("Apache-2.0 "), spdx("Apache-2.0"));
        assert_eq!(
            Licence::new("BSD License"),
            Licence::Words("BSD License".into())
        );
        assert_eq!(Licence::new("MIT OR Apache-2.0").id(), None);
        assert_eq!(Licence::new("MIT").id(), Some("MIT"));
    }

    #[test]
    fn copyleft_is_what_cannot_be_chosen_away() {
        let (files, whole) = (Some(Copyleft::Files), Some(Copyleft::Whole));
        for (text, expected) in [
            ("MIT", None),
            ("GPL-3.0-or-later", whole),
            ("MIT OR GPL-2.0-only", None),
            ("MIT AND LGPL-2.1-only", whole),
            ("GNU General Public License v3 (GPLv3)", whole),
            ("BSD License", None),
            ("LicenseRef-Public-Domain", None),
            ("MPL-2.0", files),
            ("Mozilla Public License 2.0 (MPL 2.0)", files),
            ("MPL-2.0 AND MIT", files),
            ("MPL-2.0 OR MIT", None),
            ("MPL-2.0 OR GPL-3.0-only", files),
            ("MPL-2.0 AND GPL-3.0-only", whole),
            ("CDDL-1.1", files),
        ] {
            assert_eq!(Licence::new(text).copyleft(), expected, "{text}");
        }
    }
}
