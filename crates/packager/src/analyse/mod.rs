//! What a plan would give, for a person to look at before sealing: every part with its sizes, and what
//! needs their attention. The file is sealed for it, since that is quick and leaves no doubt, and is
//! gone afterwards.

mod host;
mod reach;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use packed_resources::Kind;
use recipe::BuildPlan;
use serde::Serialize;

use crate::build::{BuildOptions, build};
use crate::inspect::{Contents, SealedFile, inspect};
use crate::sbom::{Copyleft, Licence};
use crate::{Error, Progress, Unit, progress};
pub(crate) use host::{Asked, asked};

/// What a plan would give.
#[derive(Debug, Serialize)]
pub struct Analysis {
    /// What the sealed file would hold; its path is not there any more.
    pub contents: Contents,
    /// What needs attention, the most important first.
    pub attention: Vec<Attention>,
}

/// Something that needs attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attention {
    /// How much.
    pub level: Level,
    /// What is so.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How much attention something needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The app may not work, or not be passed on.
    Warning,
    /// Good to know.
    Note,
}

/// Seals a plan into the cache, looks at what came of it, and removes it.
pub fn analyse(
    plan: &BuildPlan,
    options: &BuildOptions<'_>,
    progress: &dyn Progress,
) -> Result<Analysis, Error> {
    let work = options.cache.work()?;
    let plan = BuildPlan {
        output: work.path().join("app"),
        ..plan.clone()
    };
    let listener = Listener {
        to: progress,
        warnings: Mutex::default(),
    };
    build(&plan, options, &listener)?;
    progress::check(progress)?;
    let file = SealedFile::open(&plan.output)?;
    let contents = inspect(&file)?;
    let said = listener.warnings.into_inner();
    let mut attention: Vec<Attention> = said
        .unwrap_or_else(PoisonError::into_inner)
        .into_iter()
        .map(|message| Attention {
            level: Level::Warning,
            message,
            hint: None,
        })
        .collect();
    attention.extend(licences(&contents));
    attention.extend(host::needs(&file, &contents)?);
    attention.extend(reach::findings(&file, &contents)?);
    attention.extend(not_compiled(&contents));
    attention.sort_by_key(|a| a.level);
    Ok(Analysis {
        contents,
        attention,
    })
}

/// Keeps the warnings; all else goes on.
struct Listener<'a> {
    to: &'a dyn Progress,
    warnings: Mutex<Vec<String>>,
}

impl Progress for Listener<'_> {
    fn begin(&self, what: &str, total: Option<u64>, unit: Unit) {
        self.to.begin(what, total, unit);
    }

    fn advance(&self, by: u64) {
        self.to.advance(by);
    }

    fn end(&self) {
        self.to.end();
    }

    fn note(&self, text: &str) {
        self.to.note(text);
    }

    fn warn(&self, text: &str) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.push(text.to_owned());
    }

    fn cancelled(&self) -> bool {
        self.to.cancelled()
    }
}

/// Packages whose licence is unknown, or asks something of who passes them on.
fn licences(contents: &Contents) -> Vec<Attention> {
    let one = |package: &packed_resources::PackageInfo| {
        let name = format!("{} {}", package.name, package.version);
        let Some(licence) = &package.license else {
            return Some(Attention {
                level: Level::Warning,
                message: format!("{name} does not say what its licence is"),
                hint: Some("look it up before you pass the app on".into()),
            });
        };
        let asks = match Licence::new(licence).copyleft()? {
            Copyleft::Files => {
                "its own files stay under it: pass on what you change of them; the rest of the app is not concerned"
            }
            Copyleft::Whole => "its terms may apply to the whole app when you pass it on",
        };
        Some(Attention {
            level: Level::Note,
            message: format!("{name} is under {licence}"),
            hint: Some(asks.into()),
        })
    };
    contents.manifest.packages.iter().filter_map(one).collect()
}

/// Sources that this Python does not accept: they stay files, which is right for templates.
fn not_compiled(contents: &Contents) -> Vec<Attention> {
    let code: BTreeSet<&str> = contents
        .files
        .iter()
        .filter(|f| f.kind == Kind::Code)
        .map(|f| f.path.as_str())
        .collect();
    let mut parts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in &contents.files {
        let path = file.path.as_str();
        if file.kind == Kind::File && path.ends_with(".py") && !code.contains(path) {
            parts.entry(&file.part).or_default().push(path);
        }
    }
    let one = |(part, paths): (&str, Vec<&str>)| Attention {
        level: Level::Note,
        message: match &paths[..] {
            [path] => format!("{part}: {path} is no source for Python 3.13"),
            paths => format!(
                "{part}: {} files are no sources for Python 3.13, as {}",
                paths.len(),
                paths[0]
            ),
        },
        hint: Some("they go in as they are; nothing to do if they are templates".into()),
    };
    parts.into_iter().map(one).collect()
}
