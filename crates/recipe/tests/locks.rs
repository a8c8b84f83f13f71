//! `uv.lock`: which of its packages a plan asks for, and every message about one that cannot be used.

use std::path::PathBuf;

use recipe::{BuildPlan, Request, plan};

/// A project with a lock file, in a folder of its own.
struct Project(tempfile::TempDir);

const PROJECT: &str = "[project]\nname = \"My_App\"\ndependencies = [\"alpha>=1, <3\", \"beta[fast] ; python_version > '3'\"]\n\
                       [project.optional-dependencies]\nplot = [\"gamma\"]\n";

/// What uv writes, and we read: addresses and sizes are left out.
const LOCK: &str = r#"version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "alpha"
version = "2.1"
source = { registry = "https://index.test/simple" }
dependencies = [
    { name = "colours", marker = "sys_platform == 'win32'" },
    { name = "delta", version = "1.0", source = { registry = "https://index.test/simple" }, marker = "python_full_version < '3.12'" },
    { name = "delta", version = "2.0", source = { registry = "https://index.test/simple" }, marker = "python_full_version >= '3.12'" },
]
sdist = { url = "a.tar.gz", hash = "sha256:a0" }
wheels = [
    { url = "a1.whl", hash = "sha256:a1", size = 1 },
    { url = "a2.whl", hash = "sha256:a2", size = 1 },
]

[[package]]
name = "beta"
version = "1.0"
source = { registry = "https://index.test/simple" }
dependencies = [{ name = "alpha" }]
wheels = [{ url = "b.whl", hash = "sha256:b" }]

[package.optional-dependencies]
fast = [{ name = "epsilon" }]
slow = [{ name = "colours" }]

[[package]]
name = "colours"
version = "1.0"
source = { registry = "https://index.test/simple" }
wheels = [{ url = "c.whl", hash = "sha256:c" }]

[[package]]
name = "delta"
version = "1.0"
source = { registry = "https://index.test/simple" }
wheels = [{ url = "d1.whl", hash = "sha256:d1" }]

[[package]]
name = "delta"
version = "2.0"
source = { registry = "https://index.test/simple" }
wheels = [{ url = "d2.whl", hash = "sha256:d2" }]

[[package]]
name = "epsilon"
version = "0.3"
source = { url = "https://files.test/epsilon.whl" }
wheels = [{ url = "e.whl", hash = "sha256:e" }]

[[package]]
name = "gamma"
version = "7"
source = { path = "gamma-7-py3-none-any.whl" }
wheels = [{ filename = "gamma-7-py3-none-any.whl", hash = "sha256:f" }]

[[package]]
name = "my-app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
    { name = "alpha" },
    { name = "beta", extra = ["fast"], marker = "python_full_version > '3'" },
]

[package.optional-dependencies]
plot = [{ name = "gamma" }]

[package.dev-dependencies]
dev = [{ name = "colours" }]

[package.metadata]
requires-dist = [
    { name = "alpha", specifier = ">=1,<3" },
    { name = "beta", extras = ["fast"], marker = "python_full_version > '3'" },
    { name = "gamma", marker = "extra == 'plot'" },
]
"#;

impl Project {
    fn new(lock: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.write("pyproject.toml", PROJECT);
        project.write("__main__.py", "");
        project.write("gamma-7-py3-none-any.whl", "");
        project.write("uv.lock", lock);
        project
    }

    fn write(&self, name: &str, text: &str) {
        fs_err::write(self.0.path().join(name), text).unwrap();
    }

    fn request(&self) -> Request {
        Request {
            path: Some(self.0.path().into()),
            output: Some(PathBuf::from("app")),
            ..Request::default()
        }
    }

    fn plan(&self, extras: &[&str]) -> BuildPlan {
        let extras = extras.iter().map(|e| (*e).to_owned()).collect();
        plan(&Request {
            extras,
            ..self.request()
        })
        .unwrap()
    }

    /// Message and hint, without the folder's name.
    #[track_caller]
    fn refuse(&self, expected: &str) {
        let error = plan(&self.request()).unwrap_err();
        let hint = error.hint().map(|h| format!("\nhint: {h}"));
        let said = format!("{error}{}", hint.unwrap_or_default());
        assert_eq!(
            said.replace(&format!("{}/", self.0.path().display()), ""),
            expected
        );
    }
}

#[test]
fn what_the_project_needs_here_is_asked_for_with_hashes() {
    let project = Project::new(LOCK);
    let plan = project.plan(&[]);
    let lines: Vec<_> = plan
        .requirements
        .iter()
        .map(|r| (r.text.as_str(), r.origin.line))
        .collect();
    assert_eq!(
        lines,
        [
            (
                "alpha==2.1 --hash=sha256:a1 --hash=sha256:a2 --hash=sha256:a0",
                6
            ),
            ("beta==1.0 --hash=sha256:b", 21),
            ("delta==2.0 --hash=sha256:d2", 44),
            (
                "epsilon @ https://files.test/epsilon.whl --hash=sha256:e",
                50
            ),
        ]
    );
    assert!(plan.locked && plan.warnings.is_empty());
    // An extra of the project itself.
    let whole = project.plan(&["plot"]);
    let real = fs_err::canonicalize(project.0.path()).unwrap();
    let gamma = format!(
        "gamma @ file://{}/gamma-7-py3-none-any.whl --hash=sha256:f",
        real.display()
    );
    assert_eq!(whole.requirements[4].text, gamma);
}

#[test]
fn requirements_files_stand_in_its_place() {
    let project = Project::new(LOCK);
    project.write("r.txt", "alpha\n");
    let plan = plan(&Request {
        requirements: vec![project.0.path().join("r.txt")],
        ..project.request()
    })
    .unwrap();
    assert!(!plan.locked);
    assert_eq!(plan.requirements[0].text, "alpha>=1, <3");
    assert!(plan.warnings[0].ends_with("uv.lock is not used where requirements files are named"));
}

#[test]
fn folders_are_built_and_those_without_a_build_are_gone_through() {
    let lock = |source: &str| {
        LOCK.replace(
            "source = { url = \"https://files.test/epsilon.whl\" }\nwheels = [{ url = \"e.whl\", hash = \"sha256:e\" }]",
            &format!("source = {{ {source} = \"epsilon\" }}\ndependencies = [{{ name = \"colours\" }}]"),
        )
    };
    for source in ["editable", "directory", "virtual"] {
        let project = Project::new(&lock(source));
        fs_err::create_dir(project.0.path().join("epsilon")).unwrap();
        let plan = project.plan(&[]);
        let texts: Vec<_> = plan.requirements.iter().map(|r| r.text.as_str()).collect();
        assert!(texts.contains(&"colours==1.0 --hash=sha256:c"), "{texts:?}");
        let folder = texts.iter().any(|t| t.ends_with("/epsilon"));
        assert_eq!(folder, source != "virtual", "{texts:?}");
    }
}

#[test]
fn every_message() {
    let with = |from: &str, to: &str| {
        assert!(LOCK.contains(from), "{from}");
        Project::new(&LOCK.replacen(from, to, 1))
    };
    with("version = 1\n", "version = 2\n").refuse(
        "uv.lock has format 2, which this Pyxidium does not know\n\
         hint: name what to install in a requirements file: `uv export -o requirements.txt`, then -r requirements.txt",
    );
    with("name = \"my-app\"", "name = \"their-app\"").refuse(
        "uv.lock does not have the project of this folder\nhint: run `uv lock`, or remove the file",
    );
    for stale in ["specifier = \">=1,<3\"", "specifier = \">=1,<2\""].windows(2) {
        with(stale[0], stale[1]).refuse(
            "uv.lock was made before pyproject.toml said `alpha>=1, <3`\nhint: run `uv lock`, or remove the file",
        );
    }
    with("{ name = \"beta\", extras", "{ name = \"other\", extras").refuse(
        "uv.lock was made before pyproject.toml said `beta[fast] ; python_version > '3'`\n\
         hint: run `uv lock`, or remove the file",
    );
    with("sys_platform == 'win32'", "planet == 'earth'")
        .refuse("uv.lock, line 6: the marker `planet == 'earth'` of `colours` cannot be read");
    with(
        "name = \"delta\", version = \"2.0\"",
        "name = \"delta\", version = \"3.0\"",
    )
    .refuse("uv.lock, line 6: `alpha` needs `delta`, which is not in the file");
    with("url = \"https://files.test/epsilon.whl\"", "git = \"https://code.test/epsilon?rev=1#abc\"").refuse(
        "uv.lock, line 50: `epsilon` comes from a git repository; build it to a wheel and name that: \
         `epsilon = { path = \"epsilon.whl\" }` in [tool.uv.sources]",
    );
    with(
        "{ url = \"b.whl\", hash = \"sha256:b\" }",
        "{ url = \"b.whl\" }",
    )
    .refuse("uv.lock, line 21: `beta` has no hashes");
    with("name = \"beta\"\nversion = \"1.0\"", "name = \"beta\"")
        .refuse("uv.lock, line 21: `beta` has no version");
    with("version = 1\n", "version = [\n")
        .refuse("uv.lock, line 2: unexpected `=` in array, expected value, `]`");
}
