//! A project before it is sealed: what was asked for, and the recipe's plan of it as JSON.

use std::path::{Path, PathBuf};

use pyo3::prelude::*;
use recipe::{BuildPlan, Entry, NativeLibraries};
use serde_json::{Value, json};

use crate::Error;

/// What Python asks for: a project and the settings that matter for it.
#[derive(Debug, Clone, Default, FromPyObject)]
pub(crate) struct Request {
    /// The script or folder.
    pub path: PathBuf,
    /// Folder for the sealed file; None: `dist` in the project's folder.
    pub output_folder: Option<PathBuf>,
    /// Shared libraries as files in a cache instead of in memory.
    pub cache_libraries: bool,
    /// A package index instead of the usual one.
    pub index_url: Option<String>,
    /// Use only what was fetched before.
    pub offline: bool,
    /// Look for newer versions.
    pub upgrade: bool,
}

impl Request {
    fn recipe(&self, output: Option<PathBuf>) -> recipe::Request {
        recipe::Request {
            path: Some(self.path.clone()),
            output,
            // The project's own word stands unless the person wants the cache everywhere.
            native_libraries: self.cache_libraries.then_some(NativeLibraries::Cache),
            ..Default::default()
        }
    }

    /// The plan, with an output that does not depend on where Studio was started.
    pub(crate) fn plan(&self) -> Result<BuildPlan, Error> {
        // Its name is known only once it was read; the output must be known while it is.
        let first = recipe::plan(&self.recipe(Some(self.output("app"))))?;
        Ok(recipe::plan(&self.recipe(Some(self.output(&first.name))))?)
    }

    fn output(&self, name: &str) -> PathBuf {
        let folder = self.output_folder.clone().unwrap_or_else(|| {
            let folder = if self.path.is_dir() {
                &self.path
            } else {
                self.path.parent().unwrap_or(Path::new("/"))
            };
            folder.join("dist")
        });
        folder.join(name)
    }
}

/// What the page shows of a project.
pub(crate) fn describe(request: &Request) -> Result<String, Error> {
    let plan = request.plan()?;
    Ok(as_json(&request.path, &plan).to_string())
}

fn as_json(path: &Path, plan: &BuildPlan) -> Value {
    let files: Vec<Value> = plan
        .files
        .iter()
        .map(|file| {
            let size = fs_err::metadata(&file.source).map_or(0, |m| m.len());
            json!({ "path": file.path, "size": size })
        })
        .collect();
    let requirements: Vec<Value> = plan
        .requirements
        .iter()
        .map(|r| {
            json!({
                "text": r.text,
                "file": r.origin.path.display().to_string(),
                "line": r.origin.line,
            })
        })
        .collect();
    json!({
        "path": path,
        "name": plan.name,
        "version": plan.version,
        "runs": runs(&plan.entry),
        "output": plan.output,
        "python": recipe::PYTHON_VERSION.map(|n| n.to_string()).join("."),
        "files": files,
        "requirements": requirements,
        "notes": plan.notes,
        "warnings": plan.warnings,
    })
}

fn runs(entry: &Entry) -> String {
    match entry {
        Entry::Script { path } => path.clone(),
        Entry::Module { name } => format!("-m {name}"),
        Entry::Folder => "__main__.py".into(),
        Entry::Function { module, function } => format!("{module}:{function}"),
        Entry::Command { .. } => "-c".into(),
        Entry::Python => "python".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &Path) -> Request {
        Request {
            path: path.into(),
            ..Default::default()
        }
    }

    #[test]
    fn a_script_goes_into_dist_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("hello.py");
        fs_err::write(&script, "print('hi')\n").unwrap();
        let json: Value = serde_json::from_str(&describe(&request(&script)).unwrap()).unwrap();
        assert_eq!(json["name"], "hello");
        assert_eq!(json["runs"], "hello.py");
        assert_eq!(json["files"][0]["size"], 12);
        let output = folder.path().join("dist/hello");
        assert_eq!(json["output"], output.display().to_string());
    }

    #[test]
    fn a_folder_has_its_projects_name_and_never_carries_its_last_build() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs_err::write(folder.path().join(name), text).unwrap();
        write("__main__.py", "");
        write(
            "pyproject.toml",
            "[project]\nname = \"words\"\nversion = \"1.2\"\n",
        );
        fs_err::create_dir(folder.path().join("dist")).unwrap();
        write("dist/words", "a file that was sealed before");
        let json: Value =
            serde_json::from_str(&describe(&request(folder.path())).unwrap()).unwrap();
        assert_eq!(
            (&json["name"], &json["version"]),
            (&"words".into(), &"1.2".into())
        );
        assert!(!json["files"].to_string().contains("dist/words"));
    }

    #[test]
    fn a_chosen_folder_gets_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("hello.py");
        fs_err::write(&script, "").unwrap();
        let request = Request {
            output_folder: Some("/elsewhere".into()),
            ..request(&script)
        };
        assert_eq!(
            request.plan().unwrap().output,
            Path::new("/elsewhere/hello")
        );
    }
}
