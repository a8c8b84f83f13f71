//! A program under test from start to end: sampled, asked about its functions, stopped when somebody
//! has seen enough. Or a run in which one function is measured as a kernel.

use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::agent::{Agent, Door, Gain, Said, Target};
use crate::profile::{self, Kind, Places, Profile};
use crate::sampler::{Sampler, Seen};
use crate::{Error, Function};

/// How often is looked whether something other than the next sample is due.
const TURN: Duration = Duration::from_millis(20);
/// How often is told how far it is.
const TELL: Duration = Duration::from_millis(200);
/// How long an app may take to end after it was asked, each time.
const GRACE: Duration = Duration::from_secs(3);
/// As many functions as a person reads about are checked.
const MOST_CHECKED: usize = 40;

/// How to look at a program.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whose code is whose.
    pub places: Places,
    /// Looks in a second.
    pub rate: u32,
    /// It has a window: it ends when it is told so on its standard input.
    pub window: bool,
    /// It leads a process group, which is ended with it. If not, Ctrl-C reaches it without us.
    pub group: bool,
}

/// What happens meanwhile.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// So far.
    Sampling {
        /// Since Python started.
        seconds: f64,
        /// How often was looked.
        looks: u64,
    },
    /// So many calls of the function that is measured were recorded.
    Recorded {
        /// Calls.
        calls: u32,
    },
    /// The program was asked to end.
    Stopping,
}

/// A measured function, and how the program ended.
pub type Measured = Gain;

/// The line that Python runs at its start, so that it listens at `socket`. With `lines`, what it prints
/// comes line by line, although nobody sits at a terminal.
#[must_use]
pub fn startup(socket: &Path, lines: bool) -> String {
    let path = serde_json::to_string(&socket.display().to_string()).unwrap_or_default();
    let us = std::process::id();
    let lines = if lines { ", lines=True" } else { "" };
    let call = format!("import pyxidium.profiling._agent as a; a.begin({path}, {us}{lines})");
    // Under a file name of its own, so that what it does is not taken for the app's.
    format!("exec(compile({call:?}, {:?}, 'exec'), {{}})", profile::OURS)
}

/// A running program.
#[derive(Debug)]
pub struct Session {
    child: Child,
    door: Door,
    agent: Option<Agent>,
    options: Options,
    stopping: Option<(Instant, u8)>,
}

impl Session {
    /// Starts a program; `command` says what becomes of its output.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(command: &mut Command, socket: &Path, options: Options) -> Result<Self, Error> {
        let door = Door::open(socket)?;
        let child = command.spawn().map_err(|source| Error::Start {
            path: command.get_program().into(),
            source,
        })?;
        Ok(Self {
            child,
            door,
            agent: None,
            options,
            stopping: None,
        })
    }

    /// The program.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Samples until the program ends, or `stop` says that it shall.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn profile(
        mut self,
        stop: &dyn Fn() -> bool,
        tell: &mut dyn FnMut(Event),
    ) -> Result<Profile, Error> {
        let mut seen = Seen::default();
        let Some(mut sampler) = self.sampler()? else {
            let status = self.child.wait()?;
            let exit = self.exit(status);
            return Ok(profile::of(&seen, &self.options.places, exit));
        };
        let mut verdicts = Verdicts::default();
        let (mut turned, mut told) = (Instant::now(), Instant::now());
        let status = loop {
            let there = sampler.round(&mut seen)?;
            if !there || turned.elapsed() >= TURN {
                turned = Instant::now();
                if let Some(status) = self.child.try_wait()? {
                    break status;
                }
                match self.door.heard() {
                    Some((Said::Hello { pid }, mut agent)) => {
                        agent.go();
                        if pid == self.child.id() {
                            self.agent = Some(agent);
                        }
                    }
                    Some((Said::Ending {}, mut agent)) => {
                        verdicts.ask(&mut agent, &self.door, &seen, &self.options.places);
                        agent.bye();
                    }
                    _ => {}
                }
                if stop() && self.stopping.is_none() {
                    tell(Event::Stopping);
                    if let Some(agent) = &mut self.agent {
                        verdicts.ask(agent, &self.door, &seen, &self.options.places);
                        agent.bye();
                    }
                }
                self.end_if(stop());
                if told.elapsed() >= TELL {
                    told = Instant::now();
                    tell(Event::Sampling {
                        seconds: seen.seconds,
                        looks: seen.rounds,
                    });
                }
            }
            if there {
                sampler.wait();
            } else {
                std::thread::sleep(TURN);
            }
        };
        let exit = self.exit(status);
        let mut profile = profile::of(&seen, &self.options.places, exit);
        verdicts.put_into(&mut profile);
        Ok(profile)
    }

    /// A look into the program; None: it has ended already.
    fn sampler(&mut self) -> Result<Option<Sampler>, Error> {
        let start = Instant::now();
        loop {
            match Sampler::new(self.child.id(), self.options.rate) {
                Ok(sampler) => return Ok(Some(sampler)),
                // The kernel lets us go on before it has mapped all of the new program.
                Err(Error::Gone) if start.elapsed() < GRACE => {
                    if self.child.try_wait()?.is_some() {
                        return Ok(None);
                    }
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Runs until `function` was called so often, and was measured as a kernel on these calls.
    ///
    /// # Errors
    /// When it was not called, or cannot be a kernel.
    pub fn measure(
        mut self,
        function: &Target,
        calls: u32,
        stop: &dyn Fn() -> bool,
        tell: &mut dyn FnMut(Event),
    ) -> Result<Measured, Error> {
        let not_measured = |why: String| Error::NotMeasured {
            function: function.name.clone(),
            why,
        };
        let mut outcome = None;
        let mut told_at: Option<Instant> = None;
        loop {
            while let Some((said, mut agent)) = self.door.heard() {
                match said {
                    Said::Hello { pid } if pid == self.child.id() => {
                        agent.measure(function, calls);
                    }
                    Said::Hello { .. } => agent.go(),
                    Said::Ending {} => agent.bye(),
                    Said::Recorded { calls } => tell(Event::Recorded { calls }),
                    Said::Gain { gain } => outcome = Some(Ok(gain)),
                    Said::Failed { why } if why.is_empty() => {}
                    Said::Failed { why } => outcome = Some(Err(not_measured(why))),
                    Said::Checked { .. } => {}
                }
            }
            if self.child.try_wait()?.is_some() {
                // What it said last may still be under way.
                if outcome.is_none()
                    && let Some((Said::Gain { gain }, _)) = self.door.heard()
                {
                    outcome = Some(Ok(gain));
                }
                let function = function.name.clone();
                return outcome.unwrap_or(Err(Error::NotCalled { function }));
            }
            if outcome.is_some() {
                told_at.get_or_insert_with(Instant::now);
            }
            // It ends itself, where it can.
            let late = told_at.is_some_and(|at| at.elapsed() > GRACE / 4);
            self.end_if(late || stop());
            std::thread::sleep(TURN);
        }
    }

    /// Asks the program to end, then tells it, then ends it.
    fn end_if(&mut self, wanted: bool) {
        let (since, step) = match self.stopping {
            None if wanted => (Instant::now(), 0),
            Some((since, step)) if since.elapsed() >= GRACE => (Instant::now(), step + 1),
            _ => return,
        };
        self.stopping = Some((since, step));
        match step {
            0 if self.options.window => {
                use std::io::Write as _;
                // Its window closes; an app that is gone hears nothing.
                if let Some(stdin) = &mut self.child.stdin {
                    let _ = writeln!(stdin, "quit").and_then(|()| stdin.flush());
                }
            }
            0 => self.signal(Signal::INT),
            1 => self.signal(Signal::TERM),
            _ => self.signal(Signal::KILL),
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        // One that has ended needs no signal.
        if let Some(pid) = pid {
            let _ = if self.options.group {
                kill_process_group(pid, signal)
            } else {
                kill_process(pid, signal)
            };
        }
    }

    fn exit(&self, status: ExitStatus) -> Option<i32> {
        match self.stopping {
            Some(_) => None,
            None => {
                let signal = std::os::unix::process::ExitStatusExt::signal(&status);
                status.code().or(signal.map(|s| -s))
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // However we leave, nothing stays behind.
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            self.signal(Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// What Python said about functions.
#[derive(Debug, Default)]
struct Verdicts(Vec<(Target, Option<profile::Verdict>)>);

impl Verdicts {
    fn ask(&mut self, agent: &mut Agent, door: &Door, seen: &Seen, places: &Places) {
        if !self.0.is_empty() {
            return;
        }
        let profile = profile::of(seen, places, None);
        let worth = |f: &&Function| {
            let last = f.name.rsplit('.').next().unwrap_or_default();
            f.kind == Kind::App && !last.starts_with('<') && f.total * 200.0 > profile.busy
        };
        let functions = profile.functions.iter().filter(worth);
        let targets: Vec<Target> = functions.take(MOST_CHECKED).map(Target::from).collect();
        if targets.is_empty() {
            return;
        }
        let verdicts = agent.check(&targets, door);
        self.0 = targets.into_iter().zip(verdicts).collect();
    }

    fn put_into(self, profile: &mut Profile) {
        for function in &mut profile.functions {
            let target = Target::from(&*function);
            let found = self.0.iter().find(|(t, _)| *t == target);
            function.kernel = found.and_then(|(_, verdict)| verdict.clone());
        }
    }
}
