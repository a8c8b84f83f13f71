//! Building CPython: unpack, patch, configure, make, install into a work folder.
//!
//! Runs in an environment of its own, so that no variable of the caller changes what comes out.

use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use super::makefile::Makefile;
use super::recipe::{self, Variant};
use super::source::Source;
use super::{layout, link, payload};
use crate::error::{Error, Result};
use crate::printer::{Bar, Printer};
use crate::process::Log;

pub struct Build<'a> {
    pub source: &'a Source,
    pub variant: Variant,
    pub key: &'a str,
    /// Facts that the key was made of; kept beside the result for whoever asks why it was built.
    pub inputs: &'a str,
    /// Where the result will finally be.
    pub home: &'a Path,
    pub work: &'a Path,
}

impl Build<'_> {
    /// Returns the complete folder, to be renamed to `home`.
    pub fn run(&self, printer: &Printer, log: &mut Log, bar: &mut Bar) -> Result<PathBuf> {
        let (src, build) = (self.work.join("src"), self.work.join("build"));
        let root = self.work.join("root");
        self.unpack(log, &src)?;
        let template = fs_err::read_to_string(src.join("Modules/Setup.stdlib.in"))?;
        fs_err::create_dir_all(build.join("Modules"))?;
        fs_err::write(
            build.join("Modules/Setup.local"),
            payload::setup_local(&template)?,
        )?;

        let mut configure = self.command("../src/configure");
        configure
            .arg(format!("--prefix={}", recipe::PREFIX))
            .args(self.variant.configure());
        log.run(&mut configure, |line| count(bar, line))?;
        let jobs = std::thread::available_parallelism().map_or(1, usize::from);
        log.run(self.command("make").arg(format!("-j{jobs}")), |line| {
            count(bar, line)
        })?;
        let mut install = self.command("make");
        install
            .arg("install")
            .arg(format!("DESTDIR={}", root.display()));
        log.run(install.arg(format!("COMPILEALL_OPTS=-j{jobs}")), |line| {
            count(bar, line)
        })?;

        let makefile = Makefile::parse(&fs_err::read_to_string(build.join("Makefile"))?);
        let root = root.join(recipe::PREFIX.trim_start_matches('/'));
        let dynload = layout::stdlib(&root).join("lib-dynload");
        let inside = payload::link_all(log, &makefile, &template, &build, &dynload)?;
        let linked = link::resolve(&makefile, "$(MODLIBS) $(LIBS) $(SYSLIBS)", &build)?;
        let (archives, libs) = link::collect(&linked, &root, self.home)?;
        let all = [inside, linked].concat();
        let dynamic = link::host_libraries(&all);
        if !dynamic.is_empty() {
            printer.warn(format!(
                "no static archives of these, so sealed apps will need them installed: {}",
                dynamic.join(" ")
            ));
        }
        layout::tidy(log, &root, &src, self.work)?;
        layout::licences(&root, &src, &all)?;
        let file = link::LinkFile {
            version: recipe::VERSION,
            key: self.key.to_string(),
            archives,
            libs,
            payload_modules: recipe::payload_names().collect(),
            patches: self
                .source
                .patches
                .all()
                .iter()
                .map(|(name, _)| name.clone())
                .collect(),
            pgo: self.variant == Variant::Pgo,
        };
        let text = serde_json::to_string_pretty(&file).map_err(std::io::Error::from)?;
        fs_err::write(root.join("link.json"), text + "\n")?;
        fs_err::write(root.join("inputs.txt"), self.inputs)?;
        layout::try_out(log, &root)?;
        Ok(root)
    }

    fn unpack(&self, log: &mut Log, src: &Path) -> Result<()> {
        let archive = &self.source.archive;
        let found = recipe::hex(&Sha256::digest(fs_err::read(archive)?));
        if found != recipe::SOURCE_SHA256 {
            let expected = recipe::SOURCE_SHA256.to_string();
            return Err(Error::WrongHash {
                path: archive.clone(),
                found,
                expected,
            });
        }
        fs_err::create_dir_all(src)?;
        let mut tar = Command::new("tar");
        tar.arg("-xJf")
            .arg(archive)
            .arg("--strip-components=1")
            .arg("-C")
            .arg(src);
        log.run(&mut tar, |_| {})?;
        for (name, content) in self.source.patches.all() {
            let file = self.work.join(name);
            fs_err::write(&file, content)?;
            let mut patch = Command::new("patch");
            patch
                .args(["-p1", "--batch", "--forward", "-i"])
                .arg(file)
                .current_dir(src);
            log.run(&mut patch, |_| {})?;
        }
        Ok(())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.work.join("build")).env_clear();
        for name in ["PATH", "HOME", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.envs(recipe::ENVIRONMENT.iter().copied());
        command
    }
}

/// Progress: a question of configure, a file compiled, which takes longer, or a test that the
/// profile is taken from (`0:01:23 load avg: 1.00 [12/43] test_json`).
fn count(bar: &mut Bar, line: &str) {
    if line.starts_with("checking ") {
        bar.advance(1);
    } else if line.starts_with("gcc ") && line.contains(" -c ") {
        bar.advance(4);
    } else if line.contains(" load avg: ") && !line.ends_with(" passed") {
        bar.advance(25);
    }
}
