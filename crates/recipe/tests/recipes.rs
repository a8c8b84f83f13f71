//! Recipes of the kinds that people write: folders in `recipes/`, each with a `pyoxidizer.bzl` and the text of
//! what it comes to in `expected.txt`. Packages come from `recorded.toml`, so nothing is installed.
//! `UPDATE_EXPECT=1` writes the texts anew; read what changed before you commit it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use recipe::bzl::{
    Content, Error, Evaluated, Files, Host, HostError, HostFile, Install, MessageKind, Product,
    Program, Requested, Settings, Write, evaluate,
};
use recipe::{InterpreterSettings, Origin};
use serde::Deserialize;

/// `recorded.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Recorded {
    /// The recipe, where it lies elsewhere.
    recipe: Option<PathBuf>,
    vars: BTreeMap<String, String>,
    targets: Vec<String>,
    allow_outside: bool,
    install: Vec<Installed>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Installed {
    /// What is asked for, as [`asked`] writes it.
    asked: String,
    /// Files below site-packages, by the pack that holds them.
    packs: BTreeMap<String, Vec<String>>,
    error: Option<String>,
}

struct RecordedHost {
    installs: Vec<Installed>,
    folder: PathBuf,
}

const LIBRARY: [&str; 7] = [
    "email/__init__.py",
    "email/architecture.rst",
    "json/__init__.py",
    "json/tool.py",
    "lib-dynload/_sqlite3.cpython-313-x86_64-linux-gnu.so",
    "this.py",
    "words.cfg",
];

impl Host for RecordedHost {
    fn standard_library(&self) -> Result<Vec<HostFile>, HostError> {
        let file = |name: &&str| HostFile {
            path: format!("lib/python3.13/{name}"),
            pack: None,
            distribution: String::new(),
            executable: false,
        };
        Ok(LIBRARY.iter().map(file).collect())
    }

    fn install(&self, install: &Install, _: &Origin) -> Result<Vec<HostFile>, HostError> {
        let asked = asked(install).replace(&self.folder.display().to_string(), "DIR");
        let Some(found) = self.installs.iter().find(|i| i.asked == asked) else {
            return Err(format!("nothing is recorded for: {asked}").into());
        };
        if let Some(error) = &found.error {
            return Err(error.clone().into());
        }
        let mut files = Vec::new();
        for (pack, paths) in &found.packs {
            for path in paths {
                files.push(HostFile {
                    path: format!("lib/python3.13/site-packages/{path}"),
                    pack: Some(format!("{pack}.pack").into()),
                    distribution: pack.split('-').next().unwrap_or(pack).into(),
                    executable: false,
                });
            }
        }
        Ok(files)
    }
}

fn asked(install: &Install) -> String {
    match install {
        Install::Pip { pip, environment } => {
            let mut words = vec!["pip".to_owned()];
            words.extend(pip.requirements.clone());
            words.extend(pip.files.iter().map(|f| format!("-r {}", f.display())));
            words.extend(
                pip.constraints
                    .iter()
                    .map(|f| format!("-c {}", f.display())),
            );
            words.extend(pip.find_links.iter().map(|f| format!("-f {f}")));
            for (flag, word) in [
                (pip.no_dependencies, "--no-deps"),
                (pip.pre_releases, "--pre"),
            ] {
                words.extend(flag.then(|| word.to_owned()));
            }
            words.extend(environment.iter().map(|(k, v)| format!("{k}={v}")));
            words.join(" ")
        }
        Install::Project { path, .. } => format!("project {}", path.display()),
        Install::Environment { path } => format!("environment {}", path.display()),
    }
}

#[test]
fn recipes_come_to_what_is_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recipes");
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut names: Vec<_> = fs_err::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| {
            ["pyoxidizer.bzl", "recorded.toml"]
                .iter()
                .any(|f| p.join(f).is_file())
        })
        .collect();
    names.sort();
    assert!(names.len() >= 20, "{}", names.len());
    let mut wrong = Vec::new();
    for case in names {
        let came = shown(&case);
        let file = case.join("expected.txt");
        if update {
            fs_err::write(&file, &came).unwrap();
        }
        let expected = fs_err::read_to_string(&file).unwrap_or_default();
        if came != expected {
            let name = case.file_name().unwrap().display();
            wrong.push(format!("{name} came to:\n{came}\nexpected:\n{expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What a recipe comes to, as text.
fn shown(case: &Path) -> String {
    let recorded: Recorded = match fs_err::read_to_string(case.join("recorded.toml")) {
        Ok(text) => toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", case.display())),
        Err(_) => Recorded::default(),
    };
    let settings = Settings {
        recipe: case.join(recorded.recipe.unwrap_or_else(|| "pyoxidizer.bzl".into())),
        variables: recorded
            .vars
            .into_iter()
            .map(|(k, v)| (k, Some(v)))
            .collect(),
        allow_outside: recorded.allow_outside,
        requested: match recorded.targets.is_empty() {
            true => Requested::All,
            false => Requested::Named(recorded.targets),
        },
        target_triple: "x86_64-unknown-linux-gnu".into(),
        reader: None,
    };
    let host = RecordedHost {
        installs: recorded.install,
        folder: case.to_owned(),
    };
    let (messages, result) = evaluate(&settings, &host);
    let mut out = String::new();
    for message in messages {
        let kind = match message.kind {
            MessageKind::Print => "print",
            MessageKind::Explained => "explained",
            MessageKind::Note => "note",
        };
        writeln!(out, "{kind}, line {}: {}", message.at.line, message.text).unwrap();
    }
    match result {
        Ok(evaluated) => show_all(&mut out, &evaluated),
        Err(error) => show_error(&mut out, &error),
    }
    out.replace(&format!("{}/", case.display()), "")
        .replace(&case.display().to_string(), "DIR")
        .replace(&case.parent().unwrap().display().to_string(), "UP")
}

fn show_all(out: &mut String, evaluated: &Evaluated) {
    for write in &evaluated.writes {
        match write {
            Write::Folder {
                path,
                files,
                replace,
            } => {
                writeln!(out, "write {} (replace: {replace})", path.display()).unwrap();
                show_files(out, files, "  ");
            }
            Write::Licenses { path, .. } => writeln!(out, "licences {}", path.display()).unwrap(),
            Write::Product { target, product } => {
                writeln!(out, "build {target}: {}", product.describe()).unwrap();
            }
        }
    }
    for target in &evaluated.targets {
        let default = evaluated.default.as_ref() == Some(&target.name);
        let default = if default { " (default)" } else { "" };
        write!(out, "target {}{default}", target.name).unwrap();
        if !target.depends.is_empty() {
            write!(out, ", of {}", target.depends.join(", ")).unwrap();
        }
        let product = evaluated.products.iter().find(|(n, _)| *n == target.name);
        match product {
            Some((_, Ok(product))) => {
                writeln!(out, ": {}", product.describe()).unwrap();
                show_product(out, product, "  ");
            }
            Some((_, Err(error))) => {
                writeln!(out).unwrap();
                show_error(out, error);
            }
            None => writeln!(out, ": not asked for").unwrap(),
        }
    }
}

fn show_error(out: &mut String, error: &Error) {
    writeln!(out, "error: {error}").unwrap();
    if let Some(line) = &error.excerpt {
        writeln!(out, "  | {line}").unwrap();
    }
    if let Some(hint) = &error.hint {
        writeln!(out, "hint: {hint}").unwrap();
    }
}

fn show_product(out: &mut String, product: &Product, pad: &str) {
    match product {
        Product::Nothing => {}
        Product::Executable(program) => show_program(out, program, pad),
        Product::Files(files) => show_files(out, files, pad),
        Product::Wheel(wheel) => show_files(out, &wheel.files, pad),
        Product::Bundle(bundle) => {
            for (name, value) in &bundle.settings {
                writeln!(out, "{pad}{name} = {value}").unwrap();
            }
            show_files(out, &bundle.files, pad);
        }
    }
}

fn show_files(out: &mut String, files: &Files, pad: &str) {
    for (path, entry) in &files.0 {
        let mode = if entry.executable { "*" } else { "" };
        write!(out, "{pad}{path}{mode}: ").unwrap();
        match &entry.content {
            Content::File(file) => writeln!(out, "{}", file.display()).unwrap(),
            Content::Bytes(bytes) => writeln!(out, "{:?}", String::from_utf8_lossy(bytes)).unwrap(),
            Content::Packed { pack, path } => {
                let pack = pack
                    .as_ref()
                    .map_or("own".into(), |p| p.display().to_string());
                writeln!(out, "{path} in {pack}").unwrap();
            }
            Content::Program(program) => {
                writeln!(out, "executable").unwrap();
                show_program(out, program, &format!("{pad}  "));
            }
            Content::Wheel(wheel) => {
                writeln!(out, "{}", wheel.file_name()).unwrap();
                show_files(out, &wheel.files, &format!("{pad}  "));
            }
            Content::Bundle(bundle) => writeln!(out, "{}", bundle.format.name()).unwrap(),
        }
    }
}

fn show_program(out: &mut String, program: &Program, pad: &str) {
    let plan = &program.plan;
    let mut line = |text: String| writeln!(out, "{pad}{text}").unwrap();
    line(format!("runs {:?}", plan.entry));
    if let Some(version) = &plan.version {
        line(format!("version {version}"));
    }
    for pack in &plan.packs {
        line(format!("pack {}", pack.display()));
    }
    for file in &plan.files {
        line(format!("file {}", file.path));
    }
    for file in &plan.generated {
        line(format!(
            "file {} {:?}",
            file.path,
            String::from_utf8_lossy(&file.bytes)
        ));
    }
    for left in &plan.selection.left_out {
        line(format!("left out {:?}: {}", left.what, left.reason));
    }
    let base = serde_json::to_value(InterpreterSettings::default()).unwrap();
    let ours = serde_json::to_value(&plan.interpreter).unwrap();
    for (key, value) in ours.as_object().unwrap() {
        if base.get(key) != Some(value) {
            line(format!("interpreter {key} = {value}"));
        }
    }
    if plan.native_libraries != recipe::NativeLibraries::Memory {
        line(format!("native libraries: {:?}", plan.native_libraries));
    }
    if plan.about != recipe::About::default() {
        line(format!("{:?}", plan.about));
    }
    if let Some(update) = &plan.update {
        line(format!(
            "updates from {}, {}",
            update.url,
            update.key.display()
        ));
    }
    if plan.kernels {
        line("kernels".into());
    }
    if plan.packager {
        line("packager".into());
    }
    if let Some(setting) = &plan.desktop.identifier {
        line(format!("identifier {:?}", setting.value));
    }
    for setting in &plan.desktop.capabilities {
        line(format!("capability {:?}", setting.value));
    }
    for setting in plan.desktop.window.iter().flatten() {
        line(format!("window {} = {:?}", setting.key, setting.value));
    }
    if let Some(name) = &program.licenses {
        line(format!("licences {name}"));
    }
    for warning in &plan.warnings {
        line(format!("warning: {warning}"));
    }
}

/// Evaluating a recipe has a budget of 50 ms; a debug build or a busy machine gets more.
#[test]
fn a_recipe_is_evaluated_in_a_moment() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recipes/template");
    let settings = Settings {
        recipe: case.join("pyoxidizer.bzl"),
        ..Settings::default()
    };
    let start = std::time::Instant::now();
    for _ in 0..10 {
        evaluate(&settings, &recipe::bzl::NoHost).1.unwrap();
    }
    let each = start.elapsed() / 10;
    assert!(each.as_millis() < 500, "{each:?}");
}
