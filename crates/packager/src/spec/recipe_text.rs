//! What a spec asked for, as the text of a recipe, and as notes on what has no place in one.

use std::fmt::Write as _;
use std::path::Path;

use super::{Data, ImportedSpec, Program, Spec};

/// Where the packages of a project come from.
#[derive(Clone)]
enum Packages {
    /// A requirements file.
    List(String),
    /// A virtual environment for our Python, in this folder.
    Environment(&'static str),
    /// What the sources import.
    Imported,
}

impl Packages {
    /// Of the recipe's folder, or of the spec's.
    fn of(folder: &Path, spec: &Path) -> Self {
        const FILE: &str = "requirements.txt";
        let beside = spec.parent().and_then(|f| f.strip_prefix(folder).ok());
        for inner in [Some(Path::new("")), beside].into_iter().flatten() {
            if folder.join(inner).join(FILE).is_file() {
                return Self::List(inner.join(FILE).display().to_string());
            }
        }
        let usable = |name: &&str| {
            folder
                .join(name)
                .join("lib/python3.13/site-packages")
                .is_dir()
        };
        match [".venv", "venv", "env"].into_iter().find(usable) {
            Some(name) => Self::Environment(name),
            None => Self::Imported,
        }
    }
}

/// Text of the recipe, and notes.
pub(super) fn write(path: &Path, spec: &Spec) -> ImportedSpec {
    let folder = &spec.folder;
    let name = path.file_name().unwrap_or_default().display();
    let mut writer = Writer {
        out: format!(
            "# Made of {name} by `pyxidium import`. `pyxidium build` seals it; `pyxidium targets` lists what there is.\n"
        ),
        notes: Vec::new(),
        packages: Packages::of(folder, path),
    };
    let mut names: Vec<String> = Vec::new();
    for program in &spec.programs {
        let mut target = identifier(&program.name);
        while names.contains(&target) {
            target.push('_');
        }
        writer.program(program, &target);
        names.push(target);
    }
    writer.out.push('\n');
    for (place, target) in names.iter().enumerate() {
        let default = if place == 0 { ", default = True" } else { "" };
        writer.line(format_args!(
            "register_target({}, make_{target}{default})",
            text(target)
        ));
    }
    writer.line(format_args!("resolve_targets()"));
    let said = spec.notes.iter();
    writer
        .notes
        .extend(said.map(|(what, why)| format!("{what}: {why}")));
    ImportedSpec {
        recipe: writer.out,
        folder: folder.clone(),
        notes: writer.notes,
    }
}

struct Writer {
    out: String,
    notes: Vec<String>,
    packages: Packages,
}

impl Writer {
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.out, "{line}");
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn program(&mut self, program: &Program, target: &str) {
        self.line(format_args!(""));
        if !program.excludes.is_empty() {
            self.excludes(&program.excludes, target);
        }
        self.line(format_args!("def make_{target}():"));
        self.line(format_args!("    dist = default_python_distribution()"));
        let mut arguments = format!("name = {}", text(&program.name));
        if !program.excludes.is_empty() {
            self.line(format_args!(
                "    policy = dist.make_python_packaging_policy()"
            ));
            self.line(format_args!(
                "    policy.register_resource_callback(leave_out_of_{target})"
            ));
            arguments.push_str(", packaging_policy = policy");
        }
        self.line(format_args!(
            "    config = dist.make_python_interpreter_config()"
        ));
        self.line(format_args!(
            "    # The folder of the app's files, as programs of PyInstaller know it."
        ));
        self.line(format_args!("    config.sys_meipass = True"));
        self.interpreter(program);
        self.line(format_args!(
            "    exe = dist.to_python_executable({arguments}, config = config)"
        ));
        self.script(program);
        self.add_packages(program);
        for data in &program.files {
            self.data(data);
        }
        if !program.console {
            self.line(format_args!("    exe.windows_subsystem = \"windows\""));
        }
        if program.strip {
            self.line(format_args!("    exe.strip = True"));
        }
        self.line(format_args!("    return exe"));
        self.look(program);
    }

    /// `leave_out_of_TARGET`.
    fn excludes(&mut self, names: &[String], target: &str) {
        self.line(format_args!("def leave_out_of_{target}(policy, resource):"));
        self.line(format_args!("    kind = type(resource)"));
        self.line(format_args!("    if kind == \"PythonPackageResource\":"));
        self.line(format_args!("        name = resource.package"));
        self.line(format_args!(
            "    elif kind in (\"PythonModuleSource\", \"PythonExtensionModule\"):"
        ));
        self.line(format_args!("        name = resource.name"));
        self.line(format_args!("    else:"));
        self.line(format_args!("        return"));
        self.line(format_args!("    for excluded in {}:", list(names)));
        self.line(format_args!(
            "        if (name + \".\").startswith(excluded + \".\"):"
        ));
        self.line(format_args!("            resource.add_include = False"));
        self.line(format_args!(""));
        self.note("excludes: an app that misses such a module says so; to make files smaller, `--only-used` does more".into());
    }

    fn interpreter(&mut self, program: &Program) {
        if (1..=2).contains(&program.optimize) {
            self.line(format_args!(
                "    config.optimization_level = {}",
                program.optimize
            ));
        }
        let mut warnings = Vec::new();
        let mut x = Vec::new();
        for option in &program.options {
            match option.split_at_checked(1) {
                Some(("W", rest)) => warnings.push(rest.trim().to_owned()),
                Some(("X", rest)) => x.push(rest.trim().to_owned()),
                _ => match option.as_str() {
                    "u" | "unbuffered" => {
                        self.line(format_args!("    config.buffered_stdio = False"))
                    }
                    "v" | "verbose" => self.line(format_args!("    config.verbose = 1")),
                    "O" if program.optimize < 1 => {
                        self.line(format_args!("    config.optimization_level = 1"))
                    }
                    "OO" if program.optimize < 1 => {
                        self.line(format_args!("    config.optimization_level = 2"))
                    }
                    "O" | "OO" => {}
                    other => self.note(format!(
                        "the interpreter option `{other}` has no meaning here"
                    )),
                },
            }
        }
        if !warnings.is_empty() {
            self.line(format_args!(
                "    config.warn_options = {}",
                list(&warnings)
            ));
        }
        if !x.is_empty() {
            self.line(format_args!("    config.x_options = {}", list(&x)));
        }
    }

    fn script(&mut self, program: &Program) {
        let Some((Some(script), others)) = program.scripts.split_last() else {
            self.note("the script that is run cannot be seen: name it in `exe.script(...)`".into());
            self.line(format_args!("    exe.script(\"app.py\")"));
            return;
        };
        let mut arguments = text(script);
        for path in program.paths.iter().filter(|p| p.starts_with("..")) {
            self.note(outside(path));
        }
        if !program.paths.is_empty() {
            let _ = write!(arguments, ", paths = {}", list(&program.paths));
        }
        if !program.modules.is_empty() {
            let _ = write!(arguments, ", modules = {}", list(&program.modules));
        }
        self.line(format_args!("    exe.script({arguments})"));
        for other in others.iter().chain(&program.hooks).flatten() {
            self.note(format!(
                "{other} ran before {script}: import it there, in the first line"
            ));
        }
    }

    fn add_packages(&mut self, program: &Program) {
        match self.packages.clone() {
            Packages::List(file) => {
                let file = text(&file);
                self.line(format_args!(
                    "    exe.add_python_resources(exe.pip_install([\"-r\", {file}]))"
                ));
            }
            Packages::Environment(folder) => {
                self.line(format_args!(
                    "    exe.add_python_resources(exe.read_virtualenv({}))",
                    text(folder)
                ));
            }
            Packages::Imported if program.packages.is_empty() => {}
            Packages::Imported => {
                self.line(format_args!("    # What the sources import; pin versions, or name a requirements file: [\"-r\", \"requirements.txt\"]."));
                self.line(format_args!(
                    "    exe.add_python_resources(exe.pip_install({}))",
                    list(&program.packages)
                ));
                self.note(format!(
                    "packages are those that the sources import, by their usual names: {}",
                    program.packages.join(", ")
                ));
            }
        }
    }

    fn data(&mut self, data: &Data) {
        let mut arguments = text(&data.source);
        if data.directory != "." {
            let _ = write!(arguments, ", {}", text(&data.directory));
        }
        if !data.exclude.is_empty() {
            let _ = write!(arguments, ", exclude = {}", list(&data.exclude));
        }
        self.line(format_args!("    exe.add_files({arguments})"));
        if data.source.starts_with("..") {
            self.note(outside(&data.source));
        }
    }

    fn look(&mut self, program: &Program) {
        if let Some(icon) = &program.icon {
            let why = if icon.ends_with(".png") {
                "is for windows and packages: `exe.window(icon = ...)`"
            } else {
                "is for Windows or macOS; windows and packages here take a PNG: `exe.window(icon = ...)`"
            };
            self.note(format!("{icon}: {why}"));
        }
    }
}

fn outside(path: &str) -> String {
    format!("{path} lies outside of the project: build with --allow-outside")
}

/// A name for a function and a target.
fn identifier(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    let name: String = name.chars().map(plain).collect();
    match name.trim_matches('_') {
        "" => "app".into(),
        plain => plain.into(),
    }
}

/// A text as Starlark writes it.
fn text(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out + "\""
}

fn list(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|v| text(v)).collect();
    format!("[{}]", values.join(", "))
}
