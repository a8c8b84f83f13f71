//! The modules that become shared objects: told to CPython's build, then linked again as we want
//! them, with their static libraries inside and nothing visible but `PyInit_*`.

use std::path::Path;
use std::process::Command;

use super::link::{self, Linked};
use super::makefile::Makefile;
use super::recipe::{PAYLOAD_MODULES, PayloadModule};
use crate::error::{Error, Result};
use crate::process::Log;

/// A line of `Modules/Setup.stdlib.in`: `@MODULE__SSL_TRUE@_ssl _ssl.c`.
struct SetupLine<'a> {
    text: &'a str,
    sources: Vec<&'a str>,
}

impl<'a> SetupLine<'a> {
    fn find(template: &'a str, module: &str) -> Result<Self> {
        let line = |line: &'a str| {
            let text = match line.strip_prefix('@') {
                Some(rest) => rest.split_once('@')?.1,
                None => line,
            };
            let mut words = text.split_whitespace();
            (words.next()? == module).then(|| SetupLine {
                text,
                sources: words.filter(|word| word.ends_with(".c")).collect(),
            })
        };
        let what = || Error::Unexpected {
            what: format!("Setup.stdlib.in (module {module})"),
        };
        template.lines().find_map(line).ok_or_else(what)
    }

    /// Relative to the build folder.
    fn objects(&self) -> impl Iterator<Item = String> {
        self.sources
            .iter()
            .map(|source| format!("Modules/{}o", source.trim_end_matches('c')))
    }
}

/// `Modules/Setup.local`: its word goes before that of `Setup.stdlib`.
pub fn setup_local(template: &str) -> Result<String> {
    let mut text = String::from("*shared*\n");
    for module in PAYLOAD_MODULES.iter().flat_map(|object| object.modules) {
        text += &format!("{}\n", SetupLine::find(template, module)?.text);
    }
    Ok(text)
}

/// Links every payload module anew into `dynload`. Returns what they were linked with.
pub fn link_all(
    log: &mut Log,
    makefile: &Makefile,
    template: &str,
    build: &Path,
    dynload: &Path,
) -> Result<Vec<Linked>> {
    let suffix = makefile.words("$(EXT_SUFFIX)").concat();
    let script = build.join("payload.map");
    fs_err::write(&script, "{ global: PyInit_*; local: *; };\n")?;
    let mut all = Vec::new();
    for object in PAYLOAD_MODULES {
        let linked = link::resolve(makefile, &libraries(object), build)?;
        let mut files = object
            .modules
            .iter()
            .map(|module| dynload.join(format!("{module}{suffix}")));
        let Some(first) = files.next() else { continue };
        let _ = fs_err::remove_file(&first);
        log.run(
            &mut link_command(object, template, &linked, &script, build, &first)?,
            |_| {},
        )?;
        // The same file under each name: whoever loads both finds the same contents.
        for other in files {
            let _ = fs_err::remove_file(&other);
            fs_err::hard_link(&first, other)?;
        }
        all.extend(linked);
    }
    Ok(all)
}

/// The Makefile variables that name what a module is linked with.
fn libraries(object: &PayloadModule) -> String {
    let name = |module: &&str| format!("$(MODULE_{}_LDFLAGS)", module.to_uppercase());
    object
        .modules
        .iter()
        .map(name)
        .collect::<Vec<_>>()
        .join(" ")
}

fn link_command(
    object: &PayloadModule,
    template: &str,
    linked: &[Linked],
    script: &Path,
    build: &Path,
    out: &Path,
) -> Result<Command> {
    let mut command = Command::new("gcc");
    command.current_dir(build).args(["-shared", "-s", "-O2"]);
    command.arg(format!("-Wl,--version-script={}", script.display()));
    command.args(["-Wl,--exclude-libs,ALL", "-Wl,-Bsymbolic", "-Wl,-z,relro"]);
    command.args(["-Wl,--hash-style=gnu", "-Wl,--build-id=none"]);
    command
        .args(["-Wl,--gc-sections", "-Wl,--as-needed", "-o"])
        .arg(out);
    for module in object.modules {
        command.args(SetupLine::find(template, module)?.objects());
    }
    for item in linked {
        match item {
            Linked::Archive(path) => command.arg(path),
            Linked::Dynamic(name) => command.arg(format!("-l{name}")),
        };
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "\
# needs -lssl and -lcrypt
@MODULE__SSL_TRUE@_ssl _ssl.c
@MODULE__HASHLIB_TRUE@_hashlib _hashopenssl.c
@MODULE__SQLITE3_TRUE@_sqlite3 _sqlite/blob.c _sqlite/util.c
unicodedata unicodedata.c -DX
";

    #[test]
    fn objects_of_a_module() {
        let objects = |name| {
            SetupLine::find(TEMPLATE, name)
                .unwrap()
                .objects()
                .collect::<Vec<_>>()
        };
        assert_eq!(
            objects("_sqlite3"),
            ["Modules/_sqlite/blob.o", "Modules/_sqlite/util.o"]
        );
        assert_eq!(objects("unicodedata"), ["Modules/unicodedata.o"]);
        assert!(SetupLine::find(TEMPLATE, "_dbm").is_err());
    }

    #[test]
    fn modules_of_one_object_are_linked_with_all_that_each_needs() {
        let object = PayloadModule {
            modules: &["_ssl", "_hashlib"],
        };
        assert_eq!(
            libraries(&object),
            "$(MODULE__SSL_LDFLAGS) $(MODULE__HASHLIB_LDFLAGS)"
        );
    }
}
