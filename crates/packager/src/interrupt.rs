//! What has to be undone when a build is interrupted: unfinished files and running children.
//! A person's own files are never in this list.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, Signal, kill_process_group};

#[derive(Default)]
struct Unfinished {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    children: Vec<u32>,
}

static UNFINISHED: Mutex<Unfinished> = Mutex::new(Unfinished {
    files: Vec::new(),
    folders: Vec::new(),
    children: Vec::new(),
});

fn unfinished() -> MutexGuard<'static, Unfinished> {
    UNFINISHED.lock().unwrap_or_else(|e| e.into_inner())
}

/// Ends children, removes unfinished files and folders, then leaves the process with `code`.
///
/// For the signal handler's thread. The lock is held until the process is gone, so that no other
/// thread begins or finishes anything in between.
pub fn abandon(code: i32, say: impl FnOnce()) -> ! {
    let list = unfinished();
    for &child in &list.children {
        end_group(child);
    }
    for file in &list.files {
        let _ = fs_err::remove_file(file);
    }
    for folder in &list.folders {
        // Killed children may still be writing for a moment.
        for _ in 0..20 {
            if fs_err::remove_dir_all(folder).is_ok() || !folder.exists() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    say();
    std::process::exit(code)
}

/// Ends a process that leads a group, with everything that it started.
pub fn end_group(child: u32) {
    if let Some(pid) = i32::try_from(child).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

/// A file that is removed on an interrupt until it is released.
pub(crate) fn watch_file(path: &Path) {
    unfinished().files.push(path.to_owned());
}

/// Runs `finish` (the rename) and takes the file off the list in one step.
pub(crate) fn release_file<T>(path: &Path, finish: impl FnOnce() -> T) -> T {
    let mut list = unfinished();
    let result = finish();
    list.files.retain(|f| f != path);
    result
}

/// A folder that is removed when this value goes, and on an interrupt.
#[derive(Debug)]
pub struct WorkFolder {
    path: PathBuf,
    /// Held while we live: a folder whose lock is free was left by a killed process.
    _lock: File,
}

impl WorkFolder {
    const LOCK: &str = ".lock";

    /// Makes the folder.
    pub(crate) fn new(path: PathBuf) -> std::io::Result<Self> {
        unfinished().folders.push(path.clone());
        let make = || {
            fs_err::create_dir_all(&path)?;
            let lock = File::create(path.join(Self::LOCK))?;
            flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
            Ok(lock)
        };
        match make() {
            Ok(lock) => Ok(Self { path, _lock: lock }),
            Err(e) => {
                forget_folder(&path);
                Err(e)
            }
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes folders in `parent` that killed processes left.
    pub(crate) fn remove_stale(parent: &Path) {
        let Ok(entries) = std::fs::read_dir(parent) else {
            return;
        };
        for entry in entries.flatten() {
            let Ok(lock) = File::open(entry.path().join(Self::LOCK)) else {
                continue;
            };
            if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok() {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        let _ = fs_err::remove_dir_all(&self.path);
        forget_folder(&self.path);
    }
}

fn forget_folder(path: &Path) {
    unfinished().folders.retain(|f| f != path);
}

/// A child in a process group of its own, ended when this value goes and on an interrupt.
#[derive(Debug)]
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// Starts a command.
    pub(crate) fn spawn(command: &mut Command) -> std::io::Result<Self> {
        use std::os::unix::process::CommandExt as _;
        let mut list = unfinished();
        let child = command.process_group(0).spawn()?;
        list.children.push(child.id());
        Ok(Self(child))
    }

    /// Ends it, with everything that it started.
    pub(crate) fn end(&self) {
        end_group(self.0.id());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let id = self.0.id();
        if !matches!(self.0.try_wait(), Ok(Some(_))) {
            end_group(id);
            let _ = self.0.wait();
        }
        unfinished().children.retain(|c| *c != id);
    }
}
