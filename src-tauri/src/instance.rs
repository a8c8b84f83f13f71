//! One running copy of an app: a second start hands its command line to the first and ends.
//!
//! The first copy holds a lock and listens at a socket, both in a folder that only this user can
//! enter. Tauri's plugin does this over D-Bus with a library that is larger than all the rest of the
//! window (3 MB in every app); a socket needs no bus, and answers before GTK is even loaded.

use std::{
    env,
    fs::{self, DirBuilder, File, TryLockError},
    io::{Read, Write},
    os::unix::{
        fs::DirBuilderExt,
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tauri::Manager;

use crate::{native::Event, shell::Shell, windows::MAIN};

/// How long the running copy gets to answer; it may be starting itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// A command line of a few megabytes is somebody's mistake.
const LONGEST: u64 = 4 << 20;

/// What a second start says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Start {
    argv: Vec<String>,
    cwd: PathBuf,
}

/// What came of asking.
#[derive(Debug)]
pub(crate) enum Instance {
    /// This is the first copy; while the value lives, others find it.
    First(Option<First>),
    /// Another copy runs and has taken over.
    HandedOver,
    /// Another copy runs but does not answer.
    Silent,
}

/// Held by the first copy.
#[derive(Debug)]
pub(crate) struct First {
    listener: UnixListener,
    _lock: File,
}

/// Looks for a running copy, and hands this process's command line to it.
///
/// Where there is no folder to meet in, every copy is the first.
pub(crate) fn find(identifier: &str) -> Instance {
    let start = Start {
        argv: env::args_os()
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect(),
        cwd: env::current_dir().unwrap_or_default(),
    };
    match folder() {
        Some(folder) => find_in(&folder, identifier, &start, PATIENCE),
        None => Instance::First(None),
    }
}

fn find_in(folder: &Path, identifier: &str, start: &Start, patience: Duration) -> Instance {
    let place = |suffix: &str| folder.join(format!("{identifier}.{suffix}"));
    let socket = place("socket");
    let Ok(lock) = File::create(place("lock")) else {
        return Instance::First(None);
    };
    match lock.try_lock() {
        Ok(()) => {
            // Left by a copy that was killed: the lock says that nobody listens there.
            let _ = fs::remove_file(&socket);
            let first = UnixListener::bind(&socket).ok().map(|listener| First {
                listener,
                _lock: lock,
            });
            Instance::First(first)
        }
        Err(TryLockError::WouldBlock) => {
            let give_up = Instant::now() + patience;
            while Instant::now() < give_up {
                if hand_over(&socket, start, patience).is_ok() {
                    return Instance::HandedOver;
                }
                // It holds the lock, but does not listen yet.
                thread::sleep(Duration::from_millis(20));
            }
            Instance::Silent
        }
        Err(TryLockError::Error(_)) => Instance::First(None),
    }
}

fn hand_over(socket: &Path, start: &Start, patience: Duration) -> std::io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(patience))?;
    stream.write_all(&serde_json::to_vec(start)?)?;
    stream.shutdown(std::net::Shutdown::Write)?;
    // One byte back: it was understood.
    stream.read_exact(&mut [0])
}

impl First {
    /// Tells the app of further starts, and brings its window to the front.
    pub(crate) fn listen(self, shell: Arc<Shell>) {
        let spawned = thread::Builder::new()
            .name("second starts".into())
            .spawn(move || {
                self.serve(|start| {
                    shell.events.push(Event::new("second-start", &start));
                    let _ = shell.on_main(|app| {
                        if let Some(window) = app.get_webview_window(MAIN) {
                            let _ = window.show();
                            let _ = window.unminimize();
                            let _ = window.set_focus();
                        }
                    });
                });
            });
        // Without the thread a second start waits and then says that nobody answers.
        drop(spawned);
    }

    fn serve(&self, mut take: impl FnMut(Start)) {
        for stream in self.listener.incoming() {
            let received = stream.and_then(|mut stream| {
                stream.set_read_timeout(Some(PATIENCE))?;
                let mut json = Vec::new();
                (&stream).take(LONGEST).read_to_end(&mut json)?;
                let start: Start = serde_json::from_slice(&json)?;
                stream.write_all(&[1])?;
                Ok(start)
            });
            if let Ok(start) = received {
                take(start);
            }
        }
    }
}

/// A folder that only this user can enter.
fn folder() -> Option<PathBuf> {
    let absolute = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let folder = absolute("XDG_RUNTIME_DIR")
        .or_else(|| absolute("XDG_CACHE_HOME"))
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))?
        .join("pyxidium");
    let made = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder);
    made.is_ok().then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = env::temp_dir().join(format!("pyxidium-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn start(argument: &str) -> Start {
        Start {
            argv: vec![argument.into()],
            cwd: "/".into(),
        }
    }

    #[test]
    fn a_second_start_is_handed_to_the_first() {
        let folder = Folder::new("second");
        let patience = Duration::from_secs(5);
        let Instance::First(Some(first)) = find_in(&folder.0, "app", &start("one"), patience)
        else {
            panic!("nobody else is there");
        };
        let (send, receive) = mpsc::channel();
        thread::spawn(move || first.serve(|start| send.send(start).unwrap()));
        let second = find_in(&folder.0, "app", &start("two"), patience);
        assert!(matches!(second, Instance::HandedOver), "{second:?}");
        assert_eq!(receive.recv().unwrap(), start("two"));
        let other = find_in(&folder.0, "other", &start("three"), patience);
        assert!(matches!(other, Instance::First(Some(_))), "{other:?}");
    }

    #[test]
    fn a_socket_that_a_killed_copy_left_is_in_nobodys_way() {
        let folder = Folder::new("stale");
        drop(UnixListener::bind(folder.0.join("app.socket")).unwrap());
        let found = find_in(&folder.0, "app", &start("one"), Duration::from_millis(50));
        assert!(matches!(found, Instance::First(Some(_))), "{found:?}");
    }

    #[test]
    fn a_copy_that_does_not_answer_is_not_waited_for_forever() {
        let folder = Folder::new("silent");
        let patience = Duration::from_millis(50);
        let Instance::First(first) = find_in(&folder.0, "app", &start("one"), patience) else {
            panic!("nobody else is there");
        };
        let second = find_in(&folder.0, "app", &start("two"), patience);
        assert!(matches!(second, Instance::Silent), "{second:?}");
        drop(first);
    }
}
