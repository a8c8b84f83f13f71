//! Tells whether a command line is the app's or Python's.
//!
//! `sys.executable` is the app. `multiprocessing`, and programs that run
//! `[sys.executable, "-m", …]`, start it as if it were Python. Such a command line counts as
//! Python's only when the app itself wrote it: for everybody else the app's arguments are the
//! app's own, whatever they look like.

use std::{ffi::OsString, fs, os::unix::fs::MetadataExt};

use packed_resources::{Kind, Payload};

use crate::{config::CommandLine, env_vars::mark, vfs};

/// Who reads this command line, and the command line to read (multiprocessing's short form is
/// written out).
pub(crate) fn recognise(
    argv: Vec<OsString>,
    payload: Payload<'static>,
) -> (CommandLine, Vec<OsString>) {
    let mark = mark::take();
    if argv.len() < 2 || !looks_like_python(&argv, payload) || !written_by_this_app(mark) {
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

/// Whether this app wrote the command line: as the parent process, as this very process before
/// it called `exec`, or through `sh -c`, as `os.system` and `shell=True` do.
fn written_by_this_app(mark: Option<u32>) -> bool {
    // SAFETY: no arguments, cannot fail.
    let parent = unsafe { libc::getppid() }.cast_unsigned();
    let is_app = |process: u32| mark == Some(process) || runs_this_file(process);
    mark == Some(std::process::id())
        || is_app(parent)
        || (is_shell_command(parent) && parent_of(parent).is_some_and(is_app))
}

/// Whether `process` runs the same file as this one.
fn runs_this_file(process: u32) -> bool {
    let identity = |path: &str| {
        fs::metadata(path)
            .ok()
            .map(|found| (found.dev(), found.ino()))
    };
    let own = identity("/proc/self/exe");
    own.is_some() && identity(&format!("/proc/{process}/exe")) == own
}

/// Whether `process` is a shell that was given one command: `sh -c …`. An interactive shell inside
/// a terminal app is somebody typing.
fn is_shell_command(process: u32) -> bool {
    let Ok(line) = fs::read(format!("/proc/{process}/cmdline")) else {
        return false;
    };
    let mut words = line.split(|&byte| byte == 0);
    let program = words
        .next()
        .and_then(|path| path.rsplit(|&byte| byte == b'/').next());
    let shell = matches!(
        program,
        Some(b"sh" | b"bash" | b"dash" | b"ash" | b"zsh" | b"ksh" | b"busybox")
    );
    shell && words.any(|word| word.first() == Some(&b'-') && word.contains(&b'c'))
}

fn parent_of(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // `pid (name) state parent`, where the name may hold anything.
    stat.rsplit_once(')')?
        .1
        .split_whitespace()
        .nth(1)?
        .parse()
        .ok()
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
