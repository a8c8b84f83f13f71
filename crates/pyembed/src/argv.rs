//! Tells whether a command line is the app's or Python's.
//!
//! `sys.executable` is the app. `multiprocessing`, and programs that run
//! `[sys.executable, "-m", …]`, start it as if it were Python. Such a command line counts as
//! Python's only when the process that wrote it is the app itself: for everybody else the app's
//! arguments are the app's own, whatever they look like.

use std::{ffi::OsString, fs, os::unix::fs::MetadataExt};

use packed_resources::{Kind, Payload};

use crate::{config::CommandLine, vfs};

/// Who reads this command line, and the command line to read (multiprocessing's short form is
/// written out).
pub(crate) fn recognise(
    argv: Vec<OsString>,
    payload: Payload<'static>,
) -> (CommandLine, Vec<OsString>) {
    if argv.len() < 2 || !looks_like_python(&argv, payload) || !parent_is_this_app() {
        return (CommandLine::App, argv);
    }
    (CommandLine::Python, write_out(argv))
}

/// Whether Python would find something to run in these arguments.
fn looks_like_python(argv: &[OsString], payload: Payload<'static>) -> bool {
    let mut arguments = argv[1..].iter().map(|argument| argument.to_str());
    while let Some(Some(argument)) = arguments.next() {
        let Some(letters) = argument.strip_prefix('-') else {
            return is_own_script(argument, payload);
        };
        match argument {
            "--multiprocessing-fork" | "-V" | "-VV" => return true,
            "--check-hash-based-pycs" => {
                arguments.next();
                continue;
            }
            _ => {}
        }
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            match letter {
                'b' | 'B' | 'd' | 'E' | 'i' | 'I' | 'O' | 'P' | 'q' | 's' | 'S' | 'u' | 'v'
                | 'x' | 'R' => {}
                // These take the rest of the word, or the next word.
                'W' | 'X' => {
                    if letters.as_str().is_empty() {
                        arguments.next();
                    }
                    break;
                }
                'c' | 'm' => return !letters.as_str().is_empty() || arguments.next().is_some(),
                _ => return false,
            }
        }
    }
    false
}

/// Whether `path` is a script inside this very file, as in `[sys.executable, __file__]`.
fn is_own_script(path: &str, payload: Payload<'static>) -> bool {
    let relative = vfs::mounted().and_then(|vfs| vfs.relative(path.as_bytes()));
    relative.is_some_and(|relative| {
        payload
            .get(Kind::Code, &relative)
            .is_ok_and(|entry| entry.is_some())
    })
}

/// Whether the process that started this one runs the same file.
fn parent_is_this_app() -> bool {
    let identity = |path: &str| {
        fs::metadata(path)
            .ok()
            .map(|found| (found.dev(), found.ino()))
    };
    // SAFETY: no arguments, cannot fail.
    let parent = unsafe { libc::getppid() };
    match (
        identity(&format!("/proc/{parent}/exe")),
        identity("/proc/self/exe"),
    ) {
        (Some(parent), Some(own)) => parent == own,
        // A file that may be run but not read (mode 0111) hides its processes from each other;
        // then the mark that the parent left in the environment decides.
        _ => marks::parent_left_one(parent),
    }
}

/// Leaves a mark for child processes, where they could not recognise this process otherwise.
pub(crate) fn mark_for_children() {
    marks::leave_if_unreadable();
}

mod marks {
    //! `PYXIDIUM_PARENT=<process id>`, only in the environment of files that cannot be read.

    use std::{env, process};

    const NAME: &str = "PYXIDIUM_PARENT";

    pub(super) fn parent_left_one(parent: i32) -> bool {
        env::var(NAME).is_ok_and(|value| value == parent.to_string())
    }

    pub(super) fn leave_if_unreadable() {
        // SAFETY: a NUL-terminated path and plain flags.
        if unsafe { libc::access(c"/proc/self/exe".as_ptr(), libc::R_OK) } != 0 {
            // SAFETY: called before Python starts, while this process has one thread.
            unsafe { env::set_var(NAME, process::id().to_string()) };
        }
    }
}

/// `app --multiprocessing-fork a=1 b=2` is what a frozen app's `multiprocessing` writes; Python
/// would have been given the call itself.
fn write_out(argv: Vec<OsString>) -> Vec<OsString> {
    let Some(at) = argv
        .iter()
        .position(|argument| argument == "--multiprocessing-fork")
    else {
        return argv;
    };
    if argv[1..at].iter().any(|argument| argument == "-c") {
        return argv;
    }
    let numbers = argv[at + 1..]
        .iter()
        .filter_map(|argument| argument.to_str())
        .filter(|argument| {
            let value = argument
                .split_once('=')
                .map(|(name, value)| (name.chars().all(is_name), value));
            value.is_some_and(|(name, value)| {
                name && (value == "None" || value.parse::<u64>().is_ok())
            })
        });
    let call = format!(
        "from multiprocessing.spawn import spawn_main; spawn_main({})",
        numbers.collect::<Vec<_>>().join(", ")
    );
    let mut written: Vec<OsString> = argv[..at].to_vec();
    written.extend(["-c".into(), call.into(), "--multiprocessing-fork".into()]);
    written
}

fn is_name(letter: char) -> bool {
    letter == '_' || letter.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn multiprocessing_is_written_out() {
        let written = write_out(arguments(
            "app -B --multiprocessing-fork tracker_fd=5 pipe_handle=7",
        ));
        assert_eq!(
            written,
            [
                "app",
                "-B",
                "-c",
                "from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=5, pipe_handle=7)",
                "--multiprocessing-fork"
            ]
        );
    }

    #[test]
    fn multiprocessing_takes_numbers_only() {
        let written = write_out(arguments("app --multiprocessing-fork x=__import__('os')"));
        assert_eq!(
            written[2],
            "from multiprocessing.spawn import spawn_main; spawn_main()"
        );
    }
}
