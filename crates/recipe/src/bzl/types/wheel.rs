//! `PythonWheelBuilder`: a wheel out of files, and an executable as one.

use starlark::environment::{GlobalsBuilder, MethodsBuilder};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::none::{NoneOr, NoneType};

use super::executable::Executable;
use super::file_content::FileContent;
use crate::bzl::bag::{Attr, Default as D, Kind};
use crate::bzl::current;
use crate::bzl::datum::Datum;
use crate::bzl::error::Fail;
use crate::bzl::object::object;
use crate::bzl::paths;
use crate::bzl::product::{Content, FileEntry, Files, Product, Wheel, Write};
use crate::bzl::program;
use crate::bzl::session::Session;

/// State besides the attributes.
#[derive(Debug)]
pub(in crate::bzl) struct WheelData {
    distribution: String,
    version: String,
    files: Files,
}

const TABLE: &[Attr] = &[
    Attr::optional("build_tag", Kind::Text),
    Attr::with("python_tag", Kind::Text, D::Text("py3")),
    Attr::with("abi_tag", Kind::Text, D::Text("none")),
    Attr::with("platform_tag", Kind::Text, D::Text("any")),
    Attr::parts("tag", &["python_tag", "abi_tag", "platform_tag"]),
    Attr::with("generator", Kind::Text, D::Text("pyxidium")),
    Attr::with("root_is_purelib", Kind::Bool, D::Bool(true)),
    Attr::optional("modified_time", Kind::Int),
];

object!(
    WheelBuilder,
    "PythonWheelBuilder",
    WheelData,
    TABLE,
    methods
);

impl WheelBuilder {
    fn new(distribution: &str, version: &str) -> Result<Self, Fail> {
        let fine = |t: &str| {
            t.starts_with(|c: char| c.is_ascii_alphanumeric())
                && t.chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_.+!".contains(c))
        };
        if !fine(distribution) {
            return Err(
                Fail::new(format!("`{distribution}` is no name for a distribution"))
                    .hint("letters, digits, `-`, `_` and `.`"),
            );
        }
        if !fine(version) {
            return Err(Fail::new(format!("`{version}` is no version")).hint("as in \"1.0\""));
        }
        Ok(Self::with(WheelData {
            distribution: distribution.to_owned(),
            version: version.to_owned(),
            files: Files::default(),
        }))
    }

    /// An executable as a command that pip installs.
    pub(super) fn of_executable(
        executable: &Executable,
        distribution: Option<&str>,
        version: Option<&str>,
        session: &Session<'_>,
    ) -> Result<Self, Fail> {
        let by = |f: Fail| f.of("PythonExecutable.to_wheel");
        let program = program::program(executable, session)?;
        let name = program.plan.name.clone();
        let version = version
            .map(str::to_owned)
            .or_else(|| program.plan.version.clone());
        let Some(version) = version else {
            return Err(by(Fail::new("a wheel has a version").hint(
                "write `exe.to_wheel(version = \"1.0\")`, or set `exe.version`",
            )));
        };
        let this = Self::new(distribution.unwrap_or(&name), &version).map_err(by)?;
        let mut state = this.0.get();
        let platform = match session.settings.target_triple.split('-').next() {
            Some(machine) => format!("linux_{machine}"),
            None => "any".into(),
        };
        state
            .bag
            .put("platform_tag", Datum::Text(platform), current::place());
        state
            .bag
            .put("root_is_purelib", Datum::Bool(false), current::place());
        let path = format!(
            "{}.data/scripts/{name}",
            wheel(&state.bag, &state.data).stem()
        );
        state.data.files.0.insert(
            path,
            FileEntry {
                content: Content::Program(Box::new(program)),
                executable: true,
            },
        );
        drop(state);
        Ok(this)
    }

    /// What it comes to.
    pub(in crate::bzl) fn wheel(&self) -> Wheel {
        let state = self.0.get();
        wheel(&state.bag, &state.data)
    }

    fn add(
        &self,
        prefix: &str,
        file: &FileContent,
        path: NoneOr<&str>,
        directory: NoneOr<&str>,
    ) -> Result<(), Fail> {
        let place = file.place(path.into_option(), directory.into_option())?;
        let place = paths::joined(prefix, &place)?;
        self.0.get().data.files.0.insert(place, file.entry());
        Ok(())
    }

    fn stem(&self) -> String {
        self.wheel().stem()
    }
}

fn wheel(bag: &crate::bzl::bag::Bag, data: &WheelData) -> Wheel {
    let text = |name: &str| bag.text(name).unwrap_or_default();
    Wheel {
        distribution: data.distribution.clone(),
        version: data.version.clone(),
        build_tag: bag.text("build_tag"),
        python_tag: text("python_tag"),
        abi_tag: text("abi_tag"),
        platform_tag: text("platform_tag"),
        generator: text("generator"),
        root_is_purelib: bag.truth("root_is_purelib"),
        modified_time: match bag.get("modified_time") {
            Some(Datum::Int(time)) => Some(time),
            _ => None,
        },
        files: data.files.clone(),
    }
}

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {
    #[starlark(attribute)]
    fn wheel_file_name(this: &WheelBuilder) -> starlark::Result<String> {
        Ok(this.wheel().file_name())
    }

    #[starlark(attribute)]
    fn tag(this: &WheelBuilder) -> starlark::Result<String> {
        Ok(this.wheel().tag())
    }

    fn add_file_dist_info<'v>(
        this: &WheelBuilder,
        file: &FileContent,
        #[starlark(default = NoneOr::None)] path: NoneOr<&'v str>,
        #[starlark(default = NoneOr::None)] directory: NoneOr<&'v str>,
    ) -> starlark::Result<NoneType> {
        this.add(&format!("{}.dist-info", this.stem()), file, path, directory)
            .map_err(|f| f.of("PythonWheelBuilder.add_file_dist_info"))?;
        Ok(NoneType)
    }

    fn add_file_data<'v>(
        this: &WheelBuilder,
        destination: &str,
        file: &FileContent,
        #[starlark(default = NoneOr::None)] path: NoneOr<&'v str>,
        #[starlark(default = NoneOr::None)] directory: NoneOr<&'v str>,
    ) -> starlark::Result<NoneType> {
        let by = |f: Fail| f.of("PythonWheelBuilder.add_file_data");
        const KNOWN: [&str; 5] = ["purelib", "platlib", "headers", "scripts", "data"];
        if !KNOWN.contains(&destination) {
            return Err(
                by(Fail::new(format!("wheels have no place \"{destination}\""))
                    .hint(format!("one of \"{}\"", KNOWN.join("\", \""))))
                .into(),
            );
        }
        let prefix = format!("{}.data/{destination}", this.stem());
        this.add(&prefix, file, path, directory).map_err(by)?;
        Ok(NoneType)
    }

    fn add_file<'v>(
        this: &WheelBuilder,
        file: &FileContent,
        #[starlark(default = NoneOr::None)] path: NoneOr<&'v str>,
        #[starlark(default = NoneOr::None)] directory: NoneOr<&'v str>,
    ) -> starlark::Result<NoneType> {
        this.add("", file, path, directory)
            .map_err(|f| f.of("PythonWheelBuilder.add_file"))?;
        Ok(NoneType)
    }

    fn to_file_content(this: &WheelBuilder) -> starlark::Result<FileContent> {
        let wheel = this.wheel();
        let entry = FileEntry {
            content: Content::Wheel(Box::new(wheel.clone())),
            executable: false,
        };
        Ok(FileContent::new(&wheel.file_name(), entry))
    }

    fn write_to_directory(
        this: &WheelBuilder,
        path: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<String> {
        let session = Session::of(eval)?;
        let folder = session
            .output(path)
            .map_err(|f| f.of("PythonWheelBuilder.write_to_directory"))?;
        let wheel = this.wheel();
        let name = wheel.file_name();
        let file = folder.join(&name);
        let entry = FileEntry {
            content: Content::Wheel(Box::new(wheel)),
            executable: false,
        };
        session.write(Write::Folder {
            path: folder,
            files: Files([(name, entry)].into()),
            replace: false,
        });
        Ok(file.display().to_string())
    }

    fn build(
        this: &WheelBuilder,
        target: &str,
        eval: &mut Evaluator<'_, '_, '_>,
    ) -> starlark::Result<NoneType> {
        Session::of(eval)?.write(Write::Product {
            target: target.to_owned(),
            product: Box::new(Product::Wheel(this.wheel())),
        });
        Ok(NoneType)
    }
}

#[starlark_module]
pub(in crate::bzl) fn globals(builder: &mut GlobalsBuilder) {
    fn PythonWheelBuilder(distribution: &str, version: &str) -> starlark::Result<WheelBuilder> {
        Ok(WheelBuilder::new(distribution, version).map_err(|f| f.of("PythonWheelBuilder"))?)
    }
}
