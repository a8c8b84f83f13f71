//! What a project says of itself: a script's inline metadata or a folder's pyproject.toml, checked
//! and brought into one form.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::settings::{Document, Settings};
use crate::{
    About, Desktop, Error, InterpreterSettings, NativeLibraries, Origin, PYTHON_VERSION,
    Requirement, Update, about, desktop, discover, inline, source, specifier, update,
};

/// The statements of a project that a plan is made from.
#[derive(Debug, Default)]
pub(crate) struct Project {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) module: Option<String>,
    pub(crate) requirements: Vec<Requirement>,
    /// Optional dependencies by the name of their extra.
    pub(crate) extras: BTreeMap<String, Vec<Requirement>>,
    /// `scripts` and `gui-scripts`: names and what they run.
    pub(crate) scripts: BTreeMap<String, String>,
    /// Names of those that want no terminal.
    pub(crate) gui_scripts: BTreeSet<String>,
    /// Whether it is built to a wheel: it has a back end, and does not say otherwise.
    pub(crate) built: bool,
    pub(crate) include: Vec<Pattern>,
    pub(crate) exclude: Vec<Pattern>,
    pub(crate) native_libraries: Option<NativeLibraries>,
    pub(crate) runtime: Option<PathBuf>,
    pub(crate) interpreter: InterpreterSettings,
    pub(crate) only_used: bool,
    pub(crate) keep: Vec<String>,
    pub(crate) strip: bool,
    pub(crate) compress: Option<bool>,
    pub(crate) smallest: bool,
    pub(crate) oxidized_importer: Option<bool>,
    pub(crate) desktop: Desktop,
    pub(crate) about: About,
    pub(crate) update: Option<Update>,
    pub(crate) warnings: Vec<String>,
}

/// A glob pattern and where it was written.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(crate) text: String,
    pub(crate) path: PathBuf,
    pub(crate) line: usize,
}

/// Reads the inline metadata of a script.
pub(crate) fn of_script(path: &Path, bytes: &[u8]) -> Result<Project, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Metadata {
        #[serde(default)]
        dependencies: Vec<Spanned<String>>,
        requires_python: Option<Spanned<String>>,
        #[serde(default)]
        tool: toml::Table,
        #[serde(flatten)]
        rest: toml::Table,
    }
    let text = source::decode(bytes);
    let Some(block) = inline::find(&text, path)? else {
        return Ok(Project::default());
    };
    let document = Document {
        path,
        toml: &block.toml,
        first_line: block.first_line,
    };
    let read: Metadata = document.read()?;
    let settings = document.settings()?;
    let mut project = Project::default();
    for key in read.rest.keys() {
        project.warnings.push(format!(
            "{}: `{key}` in the inline metadata means nothing",
            path.display()
        ));
    }
    if read.tool.contains_key("uv") {
        project.warnings.push(format!(
            "{}: [tool.uv] is not read; give indexes with --index-url or --find-links",
            path.display()
        ));
    }
    check_python(&document, read.requires_python.as_ref())?;
    project.requirements = requirements(&document, &read.dependencies)?;
    project.take(&document, &settings)?;
    Ok(project)
}

/// Reads a folder's pyproject.toml, if it has one.
pub(crate) fn of_folder(folder: &Path) -> Result<Project, Error> {
    #[derive(Deserialize, Default)]
    #[serde(rename_all = "kebab-case")]
    struct Table {
        name: Option<String>,
        version: Option<String>,
        #[serde(default)]
        dependencies: Vec<Spanned<String>>,
        requires_python: Option<Spanned<String>>,
        #[serde(default)]
        optional_dependencies: BTreeMap<String, Vec<Spanned<String>>>,
        #[serde(default)]
        scripts: BTreeMap<String, String>,
        #[serde(default)]
        gui_scripts: BTreeMap<String, String>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Whole {
        #[serde(default)]
        project: Table,
        build_system: Option<toml::Table>,
    }
    let path = folder.join("pyproject.toml");
    if !path.is_file() {
        return Ok(Project::default());
    }
    let text = source::decode(&fs_err::read(&path)?);
    let document = Document {
        path: &path,
        toml: &text,
        first_line: 1,
    };
    let Whole {
        project: table,
        build_system,
    } = document.read()?;
    let settings = document.settings()?;
    check_python(&document, table.requires_python.as_ref())?;
    let extras = table.optional_dependencies.iter();
    let extras = extras
        .map(|(name, list)| Ok((plain(name), requirements(&document, list)?)))
        .collect::<Result<_, Error>>()?;
    let gui_scripts = table.gui_scripts.keys().cloned().collect();
    let mut scripts = table.scripts;
    scripts.extend(table.gui_scripts);
    let mut project = Project {
        extras,
        scripts,
        gui_scripts,
        name: table.name,
        version: table.version,
        requirements: requirements(&document, &table.dependencies)?,
        built: build_system.is_some() && settings.wheel.unwrap_or(true),
        ..Project::default()
    };
    project.take(&document, &settings)?;
    Ok(project)
}

/// Names of extras are compared like this.
pub(crate) fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

impl Project {
    fn take(&mut self, document: &Document<'_>, settings: &Settings) -> Result<(), Error> {
        if let Some(name) = document.name(settings)? {
            self.name = Some(name);
        }
        self.module = settings.module.as_ref().map(|m| m.as_ref().clone());
        self.native_libraries = document.native_libraries(settings)?;
        // Like every path of a project, relative to the file that names it.
        self.runtime = settings
            .runtime
            .as_ref()
            .map(|r| discover::parent(document.path).join(r.as_ref()));
        self.desktop = desktop::read(document)?;
        self.about = about::read(document)?;
        self.update = update::read(document)?;
        self.interpreter = document.interpreter(settings)?;
        self.only_used = settings.only_used;
        self.keep = document.keep(settings)?;
        self.strip = settings.strip;
        self.compress = settings.compress;
        self.smallest = settings.smallest;
        self.oxidized_importer = settings.oxidized_importer;
        self.include = patterns(document, &settings.include)?;
        self.exclude = patterns(document, &settings.exclude)?;
        Ok(())
    }
}

fn patterns(document: &Document<'_>, list: &[Spanned<String>]) -> Result<Vec<Pattern>, Error> {
    list.iter()
        .map(|value| {
            let text = value.as_ref();
            if text.is_empty() || text.starts_with('/') || text.split('/').any(|p| p == "..") {
                return Err(document.bad(
                    value,
                    format!("`{text}` leaves the folder: patterns are relative and stay inside it"),
                ));
            }
            Ok(Pattern {
                text: text
                    .trim_start_matches("./")
                    .trim_end_matches('/')
                    .to_owned(),
                path: document.path.to_owned(),
                line: document.line(value.span().start),
            })
        })
        .collect()
}

fn requirements(
    document: &Document<'_>,
    list: &[Spanned<String>],
) -> Result<Vec<Requirement>, Error> {
    list.iter()
        .map(|value| {
            let text = value.as_ref().trim();
            let line = document.line(value.span().start);
            // An option in this place would reach the installer's own command line.
            if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) || text.contains(['\n', '\r'])
            {
                return Err(Error::BadRequirement {
                    path: document.path.into(),
                    line,
                    text: value.as_ref().clone(),
                });
            }
            Ok(Requirement {
                text: text.to_owned(),
                origin: Origin {
                    path: document.path.into(),
                    line,
                },
            })
        })
        .collect()
}

fn check_python(document: &Document<'_>, wanted: Option<&Spanned<String>>) -> Result<(), Error> {
    let Some(wanted) = wanted else { return Ok(()) };
    let path = document.path.to_owned();
    let line = document.line(wanted.span().start);
    match specifier::satisfies(wanted.as_ref(), PYTHON_VERSION) {
        Some(true) => Ok(()),
        Some(false) => Err(Error::RequiresPython {
            path,
            line,
            wanted: wanted.as_ref().clone(),
            have: PYTHON_VERSION.map(|n| n.to_string()).join("."),
        }),
        None => Err(Error::BadSpecifier {
            path,
            line,
            text: wanted.as_ref().clone(),
        }),
    }
}
