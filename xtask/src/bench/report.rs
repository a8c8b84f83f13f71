//! What was measured: as a table for people, as JSON for comparison between runs.

use std::path::Path;

use serde::Serialize;

use crate::error::{Error, Result};

#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    Seconds,
    Bytes,
    /// How many times as long as something else.
    Ratio,
}

/// One figure; with a peer the budget is for the ratio, without one for the figure.
#[derive(Serialize)]
pub struct Measured {
    name: String,
    unit: Unit,
    ours: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<Peer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    within_budget: Option<bool>,
}

#[derive(Serialize)]
struct Peer {
    name: String,
    figure: f64,
    /// Median of ours / peer over pairs of runs.
    ratio: f64,
}

impl Measured {
    pub fn new(name: impl Into<String>, unit: Unit, ours: f64) -> Self {
        Measured {
            name: name.into(),
            unit,
            ours,
            peer: None,
            budget: None,
            within_budget: None,
        }
    }

    pub fn against(mut self, name: &str, figure: f64, ratio: f64) -> Self {
        self.peer = Some(Peer {
            name: name.to_owned(),
            figure,
            ratio,
        });
        self
    }

    pub fn budget(mut self, budget: f64) -> Self {
        let judged = self.peer.as_ref().map_or(self.ours, |peer| peer.ratio);
        self.budget = Some(budget);
        self.within_budget = Some(judged <= budget);
        self
    }

    fn row(&self) -> Vec<String> {
        let peer = self.peer.as_ref();
        let budget = self.budget.map(|budget| match peer {
            Some(_) => format!("{budget:.2}x"),
            None => self.show(budget),
        });
        vec![
            self.name.clone(),
            self.show(self.ours),
            peer.map_or(String::new(), |peer| {
                format!("{} ({})", self.show(peer.figure), peer.name)
            }),
            peer.map_or(String::new(), |peer| format!("{:.2}x", peer.ratio)),
            budget.map_or(String::new(), |budget| format!("<= {budget}")),
            match self.within_budget {
                Some(true) => "ok".to_owned(),
                Some(false) => "missed".to_owned(),
                None => String::new(),
            },
        ]
    }

    fn show(&self, figure: f64) -> String {
        match self.unit {
            Unit::Bytes => format!("{:.1} MB", figure / 1e6),
            Unit::Ratio => format!("{figure:.2}x"),
            Unit::Seconds if figure < 1e-5 => format!("{:.0} ns", figure * 1e9),
            Unit::Seconds if figure < 1e-3 => format!("{:.0} µs", figure * 1e6),
            Unit::Seconds if figure < 1.0 => format!("{:.1} ms", figure * 1e3),
            Unit::Seconds => format!("{figure:.2} s"),
        }
    }
}

#[derive(Default, Serialize)]
pub struct Report {
    measured: Vec<Measured>,
}

impl Report {
    pub fn add(&mut self, measured: Measured) {
        self.measured.push(measured);
    }

    pub fn rows(&self) -> Vec<Vec<String>> {
        let header = ["what", "ours", "peer", "ratio", "budget", ""]
            .map(String::from)
            .to_vec();
        std::iter::once(header)
            .chain(self.measured.iter().map(Measured::row))
            .collect()
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        let text = serde_json::to_string_pretty(self).map_err(|error| Error::Unexpected {
            what: format!("a figure of this benchmark ({error})"),
        })?;
        Ok(fs_err::write(path, text + "\n")?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_a_peer_the_ratio_is_judged_without_one_the_figure() {
        let start = Measured::new("start", Unit::Seconds, 0.008)
            .against("CPython", 0.013, 0.62)
            .budget(0.6);
        assert_eq!(
            start.row(),
            [
                "start",
                "8.0 ms",
                "13.0 ms (CPython)",
                "0.62x",
                "<= 0.60x",
                "missed"
            ]
        );
        let size = Measured::new("size", Unit::Bytes, 17.9e6).budget(18e6);
        assert_eq!(size.row(), ["size", "17.9 MB", "", "", "<= 18.0 MB", "ok"]);
    }
}
