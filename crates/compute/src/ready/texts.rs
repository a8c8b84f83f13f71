//! Strings as metrics take them: code points, or, where a batch has few distinct ones, a byte for each.

use std::collections::HashMap;

use super::blocks;
use crate::work::{Cancelled, Watch};

/// Strings of one batch, in one alphabet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Texts {
    /// At most 256 distinct characters, each a byte.
    Narrow(Vec<Vec<u8>>),
    /// Code points.
    Wide(Vec<Vec<u32>>),
}

/// One string as it came.
#[derive(Debug, Clone, Copy)]
pub enum Text<'a> {
    /// Code points below 256.
    Bytes(&'a [u8]),
    /// Code points below 65536.
    Halves(&'a [u16]),
    /// Code points.
    Points(&'a [u32]),
}

impl Text<'_> {
    /// How many characters.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Bytes(text) => text.len(),
            Self::Halves(text) => text.len(),
            Self::Points(text) => text.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn points(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        match self {
            Self::Bytes(text) => Box::new(text.iter().map(|point| u32::from(*point))),
            Self::Halves(text) => Box::new(text.iter().map(|point| u32::from(*point))),
            Self::Points(text) => Box::new(text.iter().copied()),
        }
    }
}

impl Texts {
    /// All strings of a batch, those of both sides.
    ///
    /// # Errors
    /// When cancelled.
    pub fn new(texts: &[Text<'_>], watch: &Watch) -> Result<Self, Cancelled> {
        watch.part(0.02);
        let mut alphabet = Alphabet::default();
        for text in texts {
            watch.check()?;
            // What is cancelled is not looked at any longer.
            macro_rules! few {
                ($text:expr) => {
                    $text.chunks(1 << 16).all(|part| {
                        !watch.is_cancelled()
                            && part.iter().all(|point| alphabet.add(u32::from(*point)))
                    })
                };
            }
            let few = match text {
                Text::Bytes(text) => few!(text),
                Text::Halves(text) => few!(text),
                Text::Points(text) => few!(text),
            };
            if !few {
                let wide = |text: usize| texts[text].points().collect();
                let wide = blocks::map(texts.len(), watch, wide)?;
                watch.part(0.98);
                return Ok(Self::Wide(wide));
            }
        }
        let narrow = |text: &Text<'_>| match text {
            Text::Bytes(text) => text
                .iter()
                .map(|point| alphabet.low[usize::from(*point)] as u8)
                .collect(),
            _ => text.points().map(|point| alphabet.byte(point)).collect(),
        };
        let narrow = blocks::map(texts.len(), watch, |text| narrow(&texts[text]))?;
        watch.part(0.98);
        Ok(Self::Narrow(narrow))
    }

    /// How many.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Narrow(texts) => texts.len(),
            Self::Wide(texts) => texts.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The distinct characters of a batch, numbered as they come.
struct Alphabet {
    count: u16,
    /// Numbers of code points below 256; `NONE` where there is none yet.
    low: [u16; 256],
    high: HashMap<u32, u16>,
}

const NONE: u16 = u16::MAX;

impl Default for Alphabet {
    fn default() -> Self {
        Self {
            count: 0,
            low: [NONE; 256],
            high: HashMap::new(),
        }
    }
}

impl Alphabet {
    /// Whether each still has a number of its own below 256.
    fn add(&mut self, point: u32) -> bool {
        let number = match self.low.get_mut(point as usize) {
            Some(number) => number,
            None => self.high.entry(point).or_insert(NONE),
        };
        if *number == NONE {
            *number = self.count;
            self.count += 1;
        }
        self.count <= 256
    }

    fn byte(&self, point: u32) -> u8 {
        self.low
            .get(point as usize)
            .unwrap_or_else(|| &self.high[&point])
            .to_le_bytes()[0]
    }
}
