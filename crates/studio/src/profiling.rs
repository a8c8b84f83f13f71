//! A project's app, run from its sources while its stacks are read, or while one of its functions is
//! measured as a kernel. What it prints goes into the job's log.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};

use packager::{BuildOptions, Cache, Development, Progress, SealedFile, Unit, WorkFolder};
use profiler::{Event, Options, Places, Session, Target};
use pyo3::prelude::*;
use serde_json::Value;

use crate::project::Request;
use crate::reporter::Reporter;
use crate::{Error, work};

/// Looks in a second.
const RATE: u32 = 1000;

/// A function, as a profile names it.
#[derive(Debug, Clone, FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Function {
    file: String,
    line: u32,
    name: String,
}

/// Samples an app.
pub(crate) fn profile(
    request: &Request,
    arguments: &[OsString],
    reporter: &Reporter,
) -> Result<Value, Error> {
    let mut run = Run::start(request, arguments, reporter)?;
    let session = run.session.take().ok_or(profiler::Error::Gone)?;
    let profile = session.profile(
        &|| reporter.finished() || reporter.cancelled(),
        &mut |event| run.tell(event, reporter),
    )?;
    run.print(reporter);
    reporter.check()?;
    Ok(serde_json::to_value(profile).map_err(std::io::Error::other)?)
}

/// Compares a function with what `@kernel` makes of it, on the arguments of its next calls.
pub(crate) fn measure(
    request: &Request,
    arguments: &[OsString],
    function: Function,
    calls: u32,
    reporter: &Reporter,
) -> Result<Value, Error> {
    let mut run = Run::start(request, arguments, reporter)?;
    let Function { file, line, name } = function;
    reporter.now(&format!("waiting until {name} was called"));
    let session = run.session.take().ok_or(profiler::Error::Gone)?;
    let gain = session.measure(
        &Target { file, line, name },
        calls,
        &|| reporter.finished() || reporter.cancelled(),
        &mut |event| run.tell(event, reporter),
    );
    run.print(reporter);
    reporter.check()?;
    Ok(serde_json::to_value(gain?).map_err(std::io::Error::other)?)
}

/// A line that the app printed, and whether as an error.
type Printed = (String, bool);

/// An app that was sealed for this run.
struct Run {
    session: Option<Session>,
    printed: Receiver<Printed>,
    /// Holds what was sealed; gone when we are.
    _work: WorkFolder,
}

impl Run {
    fn start(
        request: &Request,
        arguments: &[OsString],
        reporter: &Reporter,
    ) -> Result<Self, Error> {
        let cache = Cache::of_user()?;
        let work = cache.work()?;
        let mut plan = request.plan()?;
        plan.output = work.path().join("run").join(&plan.name);
        let socket = work.path().join("socket");
        let development = Development::Watched {
            startup: profiler::startup(&socket, true),
        };
        let options = BuildOptions {
            development: Some(development),
            ..work::options(request, &cache)?
        };
        let sealed = packager::build(&plan, &options, &Sealing(reporter))?;
        let file = SealedFile::open(&sealed.path)?;
        let manifest = file.payload()?.manifest();
        let what = "what was sealed cannot be read".to_owned();
        let manifest = manifest.map_err(|source| packager::Error::Payload { what, source })?;
        let window = manifest.window.is_some();
        let folder = fs_err::canonicalize(&plan.root)?;
        let places = Places {
            app: plan.name.clone(),
            project: folder.clone(),
            executable: fs_err::canonicalize(&sealed.path)?,
        };
        let mut command = Command::new(&sealed.path);
        command
            .args(arguments)
            .current_dir(&folder)
            .stdin(if window {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .env("NO_COLOR", "1");
        let options = Options {
            places,
            rate: RATE,
            window,
            group: true,
        };
        reporter.now("starting the app");
        let mut session = Session::start(&mut command, &socket, options)?;
        let (send, printed) = channel();
        if let Some(stdout) = session.child().stdout.take() {
            listen(stdout, false, send.clone());
        }
        if let Some(stderr) = session.child().stderr.take() {
            listen(stderr, true, send);
        }
        Ok(Self {
            session: Some(session),
            printed,
            _work: work,
        })
    }

    fn tell(&self, event: Event, reporter: &Reporter) {
        self.print(reporter);
        match event {
            Event::Sampling { seconds, looks } => {
                reporter.now(&format!("looked {looks} times in {seconds:.0} s"));
            }
            Event::Recorded { calls: 1 } => reporter.now("measuring on 1 call"),
            Event::Recorded { calls } => reporter.now(&format!("measuring on {calls} calls")),
            Event::Stopping => reporter.now("ending the app"),
            _ => {}
        }
    }

    /// Hands on what the app printed since.
    fn print(&self, reporter: &Reporter) {
        for (text, error) in self.printed.try_iter() {
            if error {
                reporter.warn(&text);
            } else {
                reporter.note(&text);
            }
        }
    }
}

/// The packager's progress, without its log: the job's log is the app's.
struct Sealing<'a>(&'a Reporter);

impl Progress for Sealing<'_> {
    fn begin(&self, what: &str, _total: Option<u64>, _unit: Unit) {
        self.0.now(what);
    }

    fn advance(&self, _by: u64) {}

    fn end(&self) {}

    fn note(&self, _text: &str) {}

    fn warn(&self, text: &str) {
        self.0.warn(text);
    }

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// Reads lines until the other end is closed.
fn listen(from: impl Read + Send + 'static, error: bool, to: Sender<Printed>) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
            let text = String::from_utf8_lossy(&line).into_owned();
            if to.send((text, error)).is_err() {
                return;
            }
        }
    });
}
