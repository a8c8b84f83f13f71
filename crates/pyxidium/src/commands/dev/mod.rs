//! `pyxidium dev`: an app in its window, from its sources. What is saved is in the window at once: the
//! page is loaded again, the Python is run again in the same process, and where the sealed file would
//! be another one (packages, window) the app is started anew.
//!
//! What went wrong in the app, the window itself shows; what keeps it from being sealed, we say here.

mod app;
mod change;
mod watch;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};

use packager::{BuildOptions, Cache, Development, Sealed, SealedFile, WorkFolder};
use recipe::BuildPlan;

use super::project;
use crate::cli::DevArgs;
use crate::printer::{Printer, Style};
use crate::{Error, report};
use app::App;
use change::Change;
use watch::Watch;

/// What `dev` waits for.
#[derive(Debug)]
enum Event {
    /// Files were changed.
    Files(Vec<PathBuf>),
    /// The app of this number ended.
    Ended(u32, ExitCode),
    /// Ctrl-C.
    Interrupted,
}

pub(crate) fn run(args: &DevArgs, printer: &Printer) -> Result<ExitCode, Error> {
    let cache = Cache::of_user()?;
    let options = BuildOptions {
        development: Some(Development::Window {
            url: args.url.clone(),
        }),
        ..project::options(&args.packages, &cache)?
    };
    let (send, events) = channel();
    on_interrupt(send.clone())?;
    let mut session = Session {
        args,
        printer,
        options,
        watch: Watch::start(send.clone())?,
        work: cache.work()?,
        send,
        sealed: None,
        ui: None,
        app: None,
    };
    session.begin()?;
    session.follow(&events)
}

/// An app under development.
struct Session<'a> {
    args: &'a DevArgs,
    printer: &'a Printer,
    options: BuildOptions<'a>,
    watch: Watch,
    /// Holds what is sealed; gone when we are.
    work: WorkFolder,
    send: Sender<Event>,
    /// The file that runs.
    sealed: Option<Sealed>,
    /// The page's folder.
    ui: Option<PathBuf>,
    app: Option<App>,
}

impl Session<'_> {
    /// The first start. A project that is no project ends it; anything else can be mended.
    fn begin(&mut self) -> Result<(), Error> {
        let plan = self.plan()?;
        self.watch.project(&plan, self.ui.as_deref())?;
        match self.seal(&plan) {
            Ok(sealed) => self.start(sealed),
            Err(e @ Error::Packager(packager::Error::NoWindow)) => Err(e),
            Err(e) => {
                self.unsealable(&e);
                Ok(())
            }
        }
    }

    fn follow(&mut self, events: &Receiver<Event>) -> Result<ExitCode, Error> {
        // We hold a sender, so this ends by a return.
        while let Ok(event) = events.recv() {
            match event {
                Event::Interrupted => {
                    self.stop();
                    return Ok(ExitCode::from(130));
                }
                Event::Ended(id, code) => {
                    if self.app.as_ref().is_some_and(|app| app.id() == id) {
                        return Ok(code);
                    }
                }
                Event::Files(files) => match Change::of(&files, self.ui.as_deref()) {
                    Some(Change::Page(file)) if self.args.url.is_none() => {
                        self.say(&file, "loading the page again");
                        self.tell("page");
                    }
                    Some(Change::App(file)) => self.renew(&file)?,
                    _ => {}
                },
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The app changed: what would be sealed now tells how much has to be done.
    fn renew(&mut self, file: &Path) -> Result<(), Error> {
        let sealed = self.plan().and_then(|plan| {
            self.watch.project(&plan, self.ui.as_deref())?;
            self.seal(&plan)
        });
        match sealed {
            Err(e) => {
                self.unsealable(&e);
                // The window shows the traceback.
                self.tell("python");
                Ok(())
            }
            Ok(new) => {
                let same = |old: &Sealed| old.summary.hash == new.summary.hash;
                if self.sealed.as_ref().is_some_and(same) && self.app.is_some() {
                    self.say(file, "running it again");
                    self.tell("python");
                    return Ok(());
                }
                if self.app.is_some() {
                    self.say(file, "starting the app anew");
                    self.stop();
                }
                self.start(new)
            }
        }
    }

    fn plan(&self) -> Result<BuildPlan, Error> {
        let mut plan = recipe::plan(&recipe::Request {
            path: Some(self.args.path.clone()),
            module: self.args.module.clone(),
            requirements: self.args.packages.requirements.clone(),
            output: Some(self.work.path().join("app")),
            runtime: self.args.runtime.clone(),
            ..recipe::Request::default()
        })?;
        // Desktops show a program by its file's name.
        plan.output = self.work.path().join("next").join(&plan.name);
        Ok(plan)
    }

    fn seal(&self, plan: &BuildPlan) -> Result<Sealed, Error> {
        Ok(packager::build(plan, &self.options, self.printer)?)
    }

    fn start(&mut self, mut sealed: Sealed) -> Result<(), Error> {
        let name = sealed.path.file_name().unwrap_or_default().to_owned();
        let place = self.work.path().join(name);
        std::fs::rename(&sealed.path, &place).map_err(|source| Error::Write {
            path: place.clone(),
            source,
        })?;
        sealed.path = place;
        self.ui = page_folder(&sealed.path)?;
        // Known only now where the page is.
        if let Ok(plan) = self.plan() {
            self.watch.project(&plan, self.ui.as_deref())?;
        }
        self.app = Some(App::start(&sealed.path, self.send.clone())?);
        self.sealed = Some(sealed);
        self.printer
            .status("running; close the window or press Ctrl-C to end");
        Ok(())
    }

    fn stop(&mut self) {
        if let Some(app) = self.app.take() {
            app.stop();
        }
    }

    fn tell(&mut self, order: &str) {
        if let Some(app) = &mut self.app {
            app.tell(order);
        }
    }

    fn say(&self, file: &Path, what: &str) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let name = self.printer.styled_err(Style::Strong, &name);
        self.printer.status(&format!("{name} changed: {what}"));
    }

    fn unsealable(&self, error: &Error) {
        report::show(error, self.printer);
        if self.app.is_none() {
            self.printer.status("waiting for a change");
        }
    }
}

/// Where the page of a sealed file is on disk.
fn page_folder(file: &Path) -> Result<Option<PathBuf>, Error> {
    let file = SealedFile::open(file)?;
    let manifest = file.payload()?.manifest().map_err(Error::Payload)?;
    let dev = manifest.window.and_then(|window| window.dev);
    Ok(dev.map(|dev| PathBuf::from(dev.ui)))
}

/// Once for a clean end, twice for an end.
fn on_interrupt(send: Sender<Event>) -> Result<(), Error> {
    use std::sync::atomic::{AtomicBool, Ordering};
    let before = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        if before.swap(true, Ordering::SeqCst) || send.send(Event::Interrupted).is_err() {
            super::leave("interrupted");
        }
    })?;
    Ok(())
}
