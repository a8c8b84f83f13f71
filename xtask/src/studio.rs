//! Pyxidium Studio: this repository's own app, which its `pyoxidizer.bzl` seals, with its own command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::display::{self, Display};
use crate::dist::{self, Dist};
use crate::error::{Error, Result};
use crate::inputs::{Stamp, digest};
use crate::{Context, page, process};

const RECIPE: &str = "pyoxidizer.bzl";
const SOURCES: &str = "app_py/studio";
/// The window runtime with the packager in it.
const RUNTIME: &str = "pyxidium-studio";

/// How long a page may take until it is drawn, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes dist/pyxidium-studio, if what it is made of changed.
pub fn seal(context: &Context, dist: &Dist) -> Result<PathBuf> {
    let out = context.workspace.dist("pyxidium-studio");
    let parts = Parts::build(context, dist)?;
    let stamp = Stamp::new(
        context.workspace.dist(".pyxidium-studio.inputs"),
        parts.digest,
    );
    if stamp.holds() && out.is_file() {
        return Ok(out);
    }
    stamp.lift();
    context.printer.step("Sealing", out.display().to_string());
    make(context, dist, &parts.runtime, "exe", &out)?;
    stamp.set()?;
    Ok(out)
}

/// Makes dist/packages: what Debian, Fedora and their relatives install.
pub fn packages(context: &Context, dist: &Dist) -> Result<()> {
    let folder = context.workspace.dist("packages");
    let parts = Parts::build(context, dist)?;
    let stamp = Stamp::new(folder.join(".inputs"), parts.digest);
    if stamp.holds() {
        return Ok(());
    }
    // Packages of other versions have other names.
    if folder.exists() {
        fs_err::remove_dir_all(&folder)?;
    }
    fs_err::create_dir_all(&folder)?;
    for target in ["deb", "rpm"] {
        let what = format!("the .{target} in {}", folder.display());
        context.printer.step("Making", what);
        make(context, dist, &parts.runtime, target, &folder)?;
    }
    stamp.set()
}

/// What the recipe needs, built.
struct Parts {
    runtime: PathBuf,
    /// Of these and all else that goes in.
    digest: String,
}

impl Parts {
    fn build(context: &Context, dist: &Dist) -> Result<Self> {
        let page = page::build(context)?;
        let runtime = dist::stripped(context, RUNTIME)?;
        let [recipe, sources] = [RECIPE, SOURCES].map(|path| context.workspace.path(path));
        let digest = digest(&[
            recipe,
            sources,
            page,
            runtime.clone(),
            dist.pyxidium.clone(),
        ])?;
        Ok(Parts { runtime, digest })
    }
}

/// Has the recipe make a target.
fn make(context: &Context, dist: &Dist, runtime: &Path, target: &str, out: &Path) -> Result<()> {
    let mut build = Command::new(&dist.pyxidium);
    build.args(["--quiet", "build", "--target", target]);
    let mut variable = OsString::from("runtime=");
    variable.push(runtime);
    build.arg("--var").arg(variable);
    // Cargo's folder may lie elsewhere.
    build.arg("--allow-outside").arg("-o").arg(out);
    process::inherit(build.arg(context.workspace.path(RECIPE)))
}

/// Opens an app with a window: for the user where there is a desktop, else for a picture beside it.
pub fn open(context: &Context, app: &Path) -> Result<()> {
    context.printer.step("Opening", app.display().to_string());
    if display::is_there() {
        return process::inherit(&mut Command::new(app));
    }
    let display = Display::start()?;
    let picture = app.with_extension("png");
    let app = start(&display, app)?;
    let drawn = wait_until_drawn(app, &display, &picture);
    context.printer.step("Wrote", picture.display().to_string());
    drawn
}

fn start(display: &Display, app: &Path) -> Result<App> {
    let mut command = Command::new(app);
    display.take(&mut command).stdin(Stdio::null());
    let child = command.spawn().map_err(|source| Error::Spawn {
        program: app.display().to_string(),
        source,
    })?;
    Ok(App(child))
}

/// Ends with us.
struct App(Child);

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A page is there when text is on the screen and two pictures in a row are the same.
fn wait_until_drawn(mut app: App, display: &Display, picture: &Path) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let mut last = Vec::new();
    loop {
        if let Some(status) = app.0.try_wait()? {
            let what = format!("the end of the window ({status})");
            return Err(Error::Unexpected { what });
        }
        display.picture(picture)?;
        let taken = fs_err::read(picture)?;
        if taken == last && colours(picture)? > FEW {
            return Ok(());
        }
        if Instant::now() > deadline {
            let what = format!("the window, still empty after {} s", PATIENCE.as_secs());
            return Err(Error::Unexpected { what });
        }
        last = taken;
        thread::sleep(Duration::from_millis(500));
    }
}

/// An empty window has one or two colours; letters with smooth edges have many.
const FEW: usize = 50;

fn colours(picture: &Path) -> Result<usize> {
    let mut identify = Command::new("identify");
    let answer = process::capture(identify.args(["-format", "%k"]).arg(picture))?;
    Ok(answer.trim().parse().unwrap_or(0))
}
