//! `pyxidium profile`: an app runs as always while its stacks are read from outside; then where its
//! time went is shown, and which functions fit `@kernel`. Or one of them is measured as a kernel.

mod show;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use packager::{BuildOptions, Cache, Development, Sealed, SealedFile, WorkFolder};
use profiler::{Options, Places, Profile, Session, Target};

use super::project;
use crate::Error;
use crate::cli::ProfileArgs;
use crate::printer::Printer;

pub(crate) fn run(args: &ProfileArgs, printer: &Printer) -> Result<ExitCode, Error> {
    let cache = Cache::of_user()?;
    let interrupts = Interrupts::listen()?;
    let run = Run::prepare(args, &cache, printer)?;
    interrupts.app_runs();
    let stop = || interrupts.any();
    match &args.measure {
        Some(name) => run.measure(name, &stop, printer),
        None => run.profile(&stop, printer),
    }
}

/// An app that is ready to be run.
struct Run<'a> {
    args: &'a ProfileArgs,
    sealed: Sealed,
    window: bool,
    places: Places,
    socket: PathBuf,
    /// Holds what is sealed; gone when we are.
    _work: WorkFolder,
}

impl<'a> Run<'a> {
    fn prepare(args: &'a ProfileArgs, cache: &Cache, printer: &Printer) -> Result<Self, Error> {
        let work = cache.work()?;
        let request = recipe::Request {
            path: args.path.clone(),
            module: args.module.clone(),
            requirements: args.packages.requirements.clone(),
            output: Some(work.path().join("app")),
            ..recipe::Request::default()
        };
        let mut plan = recipe::plan(&request)?;
        // The app sees its own name as `sys.executable`.
        plan.output = work.path().join("run").join(&plan.name);
        let socket = work.path().join("socket");
        let options = BuildOptions {
            development: Some(Development::Watched {
                startup: profiler::startup(&socket, false),
            }),
            ..project::options(&args.packages, cache)?
        };
        let sealed = packager::build(&plan, &options, printer)?;
        let manifest = SealedFile::open(&sealed.path)?;
        let manifest = manifest.payload()?.manifest().map_err(Error::Payload)?;
        let places = Places {
            app: plan.name.clone(),
            project: absolute(&plan.root)?,
            executable: absolute(&sealed.path)?,
        };
        Ok(Self {
            args,
            sealed,
            window: manifest.window.is_some(),
            places,
            socket,
            _work: work,
        })
    }

    fn start(&self) -> Result<Session, Error> {
        let mut command = Command::new(&self.sealed.path);
        command.args(&self.args.arguments);
        if self.window {
            // It reads orders there, as under `pyxidium dev`.
            command.stdin(Stdio::piped());
        }
        if self.args.json {
            command.stdout(std::io::stderr());
        }
        let options = Options {
            places: self.places.clone(),
            rate: self.args.rate,
            window: self.window,
            group: false,
        };
        Ok(Session::start(&mut command, &self.socket, options)?)
    }

    fn profile(&self, stop: &dyn Fn() -> bool, printer: &Printer) -> Result<ExitCode, Error> {
        let profile = self.start()?.profile(stop, &mut |_| ())?;
        if let Some(output) = &self.args.output {
            write(output, &profile)?;
        }
        if self.args.json {
            printer.out(&as_json(&profile));
        } else {
            show::profile(&profile, self.args, printer);
        }
        if let Some(output) = &self.args.output {
            printer.status(&format!("wrote {}", output.display()));
        }
        // Whoever stopped the app wanted to see this; and an app's failure stays one.
        let code = profile.exit.unwrap_or(0);
        let code = if code < 0 { 128 - code } else { code };
        Ok(ExitCode::from(u8::try_from(code & 255).unwrap_or(1)))
    }

    fn measure(
        &self,
        name: &str,
        stop: &dyn Fn() -> bool,
        printer: &Printer,
    ) -> Result<ExitCode, Error> {
        // Of a function only its name is known here: the agent takes the first that bears it.
        let target = Target {
            file: String::new(),
            line: 0,
            name: name.to_owned(),
        };
        let gain = self
            .start()?
            .measure(&target, self.args.calls, stop, &mut |_| ())?;
        if self.args.json {
            printer.out(&serde_json::to_string_pretty(&gain).unwrap_or_default());
        } else {
            show::gain(&gain, printer);
        }
        Ok(if gain.equal {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        })
    }
}

fn as_json(profile: &Profile) -> String {
    // Plain data without a map whose keys are no text: it can always be written.
    serde_json::to_string_pretty(profile).unwrap_or_default()
}

/// The file's name says which form is wanted.
fn write(path: &Path, profile: &Profile) -> Result<(), Error> {
    let extension = path.extension().and_then(|e| e.to_str());
    let text = match extension {
        Some("html" | "htm") => profiler::page(profile),
        Some("folded" | "txt") => profiler::folded(profile),
        _ => as_json(profile) + "\n",
    };
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
    parent
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|source| Error::Write {
            path: path.to_owned(),
            source,
        })
}

fn absolute(path: &Path) -> Result<PathBuf, Error> {
    std::fs::canonicalize(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

/// Ctrl-C: before the app runs it ends us. Then it is the app's, which the terminal sends it to as well,
/// and asks for the profile; whoever presses it three times wants to leave.
#[derive(Debug, Clone, Default)]
struct Interrupts {
    app_runs: Arc<AtomicBool>,
    count: Arc<AtomicUsize>,
}

impl Interrupts {
    fn listen() -> Result<Self, Error> {
        let interrupts = Self::default();
        let shared = interrupts.clone();
        ctrlc::set_handler(move || {
            let before = shared.count.fetch_add(1, Ordering::SeqCst);
            if before >= 2 || !shared.app_runs.load(Ordering::SeqCst) {
                super::leave("interrupted");
            }
        })?;
        Ok(interrupts)
    }

    fn app_runs(&self) {
        self.app_runs.store(true, Ordering::SeqCst);
    }

    fn any(&self) -> bool {
        self.count.load(Ordering::SeqCst) > 0
    }
}
