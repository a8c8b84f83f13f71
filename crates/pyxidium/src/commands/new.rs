//! `pyxidium new`: a folder with a small app that shows what there is.

use std::path::{Path, PathBuf};

use include_dir::{Dir, DirEntry, include_dir};
use packed_resources::Kind;

use crate::cli::{NewArgs, Template};
use crate::printer::{Printer, Style};
use crate::{Error, own};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The JavaScript client in our payload, which a bundler needs as files.
const CLIENT: &str = "lib/python3.13/site-packages/pyxidium/client";

pub(crate) fn run(args: &NewArgs, printer: &Printer) -> Result<(), Error> {
    let names = Names::of(&args.path)?;
    refuse_used(&args.path)?;
    for (layer, place) in layers(args.template) {
        if let Some(folder) = TEMPLATES.get_dir(layer) {
            lay(folder, folder.path(), &args.path.join(place), &names)?;
        }
    }
    if args.template == Template::Vite {
        lay_client(&args.path.join("frontend/pyxidium"))?;
    }
    printer.result(&format!(
        "{} {}",
        printer.styled_out(Style::Good, "Made"),
        printer.styled_out(Style::Strong, &args.path.display().to_string()),
    ));
    let path = args.path.display();
    let next: &[&str] = match args.template {
        Template::Plain => &["pyxidium dev"],
        Template::Vite => &[
            "npm --prefix frontend install",
            "npm --prefix frontend run build",
            "pyxidium dev",
        ],
    };
    printer.result(&format!("Next:\n  cd {path}"));
    next.iter().for_each(|n| printer.result(&format!("  {n}")));
    Ok(())
}

/// Folders of templates, and where they go in the project.
fn layers(template: Template) -> [(&'static str, &'static str); 3] {
    match template {
        Template::Plain => [("common", ""), ("plain", ""), ("style", "ui")],
        Template::Vite => [("common", ""), ("vite", ""), ("style", "frontend/src")],
    }
}

/// What the templates say instead of `{{name}}` and `{{title}}`.
#[derive(Debug, PartialEq, Eq)]
struct Names {
    /// Of letters, digits and dashes.
    name: String,
    /// For people.
    title: String,
}

impl Names {
    fn of(path: &Path) -> Result<Self, Error> {
        let bad = || Error::BadName { path: path.into() };
        let absolute = std::path::absolute(path).map_err(|_| bad())?;
        let file = absolute
            .file_name()
            .and_then(|n| n.to_str())
            .ok_or_else(bad)?;
        let words: Vec<&str> = file
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .collect();
        let name = words.join("-").to_ascii_lowercase();
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !begins || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(bad());
        }
        let mut title = words.join(" ");
        title[..1].make_ascii_uppercase();
        Ok(Self { name, title })
    }

    fn fill(&self, text: &str) -> String {
        text.replace("{{name}}", &self.name)
            .replace("{{title}}", &self.title)
    }
}

/// Somebody's files are never mixed with ours.
fn refuse_used(path: &Path) -> Result<(), Error> {
    let used = match std::fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => path.exists(),
    };
    if used {
        return Err(Error::Exists { path: path.into() });
    }
    Ok(())
}

fn lay(folder: &Dir<'_>, root: &Path, into: &Path, names: &Names) -> Result<(), Error> {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => lay(folder, root, into, names)?,
            DirEntry::File(file) => {
                let inner = file.path().strip_prefix(root).unwrap_or(file.path());
                let path = visible(&into.join(inner));
                match file.contents_utf8() {
                    Some(text) => write(&path, names.fill(text).as_bytes())?,
                    None => write(&path, file.contents())?,
                }
            }
        }
    }
    Ok(())
}

/// `_gitignore` is `.gitignore`: under its own name it would apply to our repository.
fn visible(path: &Path) -> PathBuf {
    let name = path
        .file_name()
        .and_then(|n| n.to_str())
        .unwrap_or_default();
    match name.strip_prefix('_') {
        Some(hidden) if hidden == "gitignore" => path.with_file_name(format!(".{hidden}")),
        _ => path.to_owned(),
    }
}

/// The client as an npm package of the project's own.
fn lay_client(folder: &Path) -> Result<(), Error> {
    let payload = own::payload()?;
    for name in ["pyxidium.js", "pyxidium.d.ts"] {
        let entry = payload.get(Kind::File, &format!("{CLIENT}/{name}"));
        let bytes = entry
            .and_then(|e| e.map(|e| e.read()).transpose())
            .map_err(Error::Payload)?
            .ok_or(Error::NotSealed)?;
        write(&folder.join(name), &bytes)?;
    }
    let package = "{\n  \"name\": \"pyxidium\",\n  \"version\": \"0.1.0\",\n  \"type\": \"module\",\n  \
                   \"main\": \"pyxidium.js\",\n  \"types\": \"pyxidium.d.ts\"\n}\n";
    write(&folder.join("package.json"), package.as_bytes())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let parent = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent)
        .and_then(|()| std::fs::write(path, bytes))
        .map_err(|source| Error::Write {
            path: path.to_owned(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, name: &str, title: &str) {
        let expected = Names {
            name: name.into(),
            title: title.into(),
        };
        assert_eq!(Names::of(Path::new(path)).unwrap(), expected);
    }

    #[test]
    fn names() {
        check("words", "words", "Words");
        check("/tmp/my_first app", "my-first-app", "My first app");
        check("DataViewer", "dataviewer", "DataViewer");
        for bad in ["/", "..", "3d", "été", "---"] {
            let error = Names::of(Path::new(bad)).unwrap_err();
            assert_eq!(error.to_string(), format!("{bad} is no name for an app"));
            assert_eq!(
                error.hint().unwrap(),
                "a name has letters, digits and dashes, and begins with a letter"
            );
        }
    }

    #[test]
    fn the_templates_are_filled_and_nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my-words");
        let names = Names::of(&path).unwrap();
        for (layer, place) in layers(Template::Plain) {
            let folder = TEMPLATES.get_dir(layer).unwrap();
            lay(folder, folder.path(), &path.join(place), &names).unwrap();
        }
        let app = std::fs::read_to_string(path.join("app.py")).unwrap();
        assert!(app.contains("title=\"My words\"") && !app.contains("{{"));
        assert!(path.join(".gitignore").is_file() && path.join("ui/style.css").is_file());
        let error = refuse_used(&path).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("{} is there already", path.display())
        );
        assert_eq!(
            error.hint().unwrap(),
            "choose another name; nothing was written"
        );
        assert!(refuse_used(&folder.path().join("other")).is_ok());
    }
}
