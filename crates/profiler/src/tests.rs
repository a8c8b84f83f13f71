//! Real programs under a real CPython, looked at from outside.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Error, Function, Kind, Options, Places, Profile, Session, folded, page};

/// The CPython that `cargo xtask python` makes.
fn python() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = workspace.join("target/cpython/bin/python3.13");
    std::fs::canonicalize(&python).expect("`cargo xtask python` makes it")
}

fn session(folder: &Path, source: &str, rate: u32) -> Session {
    std::fs::write(folder.join("app.py"), source).unwrap();
    let mut command = Command::new(python());
    command
        .arg(folder.join("app.py"))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let options = Options {
        places: Places {
            app: "app".into(),
            project: folder.to_owned(),
            executable: python(),
        },
        rate,
        window: false,
        group: false,
    };
    Session::start(&mut command, &folder.join("socket"), options).unwrap()
}

fn profile(source: &str) -> Profile {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path(), source, 1000);
    session.profile(&|| false, &mut |_| ()).unwrap()
}

fn function<'a>(profile: &'a Profile, name: &str) -> &'a Function {
    let found = profile.functions.iter().find(|f| f.name == name);
    found.unwrap_or_else(|| panic!("{name} was not seen: {profile:#?}"))
}

fn share(profile: &Profile, name: &str) -> f64 {
    function(profile, name).own / profile.busy
}

/// Two loops, one of which runs three times as long by a clock of its own: what they do while they
/// run is very different, and must not matter.
const TWO: &str = r#"
import time

def until(end):
    while time.thread_time() < end:
        pass

def long(end):
    while time.thread_time() < end:
        x = 1.0
        for i in range(20_000):
            x = x * 1.000001 + i

def short(end):
    while time.thread_time() < end:
        sum(k * k for k in range(20_000))

begin = time.thread_time()
long(begin + 0.9)
short(begin + 1.2)
"#;

#[test]
fn time_is_where_it_was_spent() {
    let profile = profile(TWO);
    let total = |name: &str| {
        let function = profile.functions.iter().find(|f| f.name == name);
        function.map_or(0.0, |f| f.total / profile.busy)
    };
    // A loaded machine takes time away from both.
    assert!((0.65..0.82).contains(&total("long")), "{profile:#?}");
    assert!((0.18..0.35).contains(&total("short")), "{profile:#?}");
    assert!(profile.samples > 300, "{}", profile.samples);
    assert!(profile.torn * 50 < profile.samples, "{}", profile.torn);
    assert_eq!(profile.exit, Some(0));
    // Watched by nobody, it would have taken as long.
    assert!(profile.profiler_seconds < 0.1 * profile.seconds);
}

#[test]
fn a_line_has_its_own_heat() {
    let profile = profile(TWO);
    let long = function(&profile, "long");
    let line = |number: u32| long.lines.iter().find(|l| l.line == number).unwrap();
    assert_eq!(line(12).text, "            x = x * 1.000001 + i");
    assert!(line(12).own > 0.5 * long.own, "{long:#?}");
    assert!(line(11).own > 0.0);
    assert!(line(12).own > 5.0 * line(10).own, "{long:#?}");
    assert_eq!(
        (long.line, long.kind, long.place.as_str()),
        (8, Kind::App, "app.py")
    );
}

#[test]
fn who_called_whom_is_a_tree() {
    let profile = profile(TWO);
    let name = |f: usize| profile.functions[f].name.as_str();
    let inner = profile
        .nodes
        .iter()
        .find(|n| name(n.function) == "short.<locals>.<genexpr>");
    let path: Vec<&str> = std::iter::successors(inner, |n| n.parent.map(|p| &profile.nodes[p]))
        .map(|n| name(n.function))
        .collect();
    assert_eq!(path, ["short.<locals>.<genexpr>", "short", "<module>"]);
    for (i, node) in profile.nodes.iter().enumerate() {
        assert!(
            node.parent.is_none_or(|p| p < i),
            "a parent stands before its children"
        );
    }
    let text = folded(&profile);
    let line = text.lines().find(|l| l.contains("<genexpr>")).unwrap();
    assert!(
        line.starts_with("<module> (app.py:1);short (app.py:14);short.<locals>"),
        "{line}"
    );
}

#[test]
fn waiting_is_not_working() {
    let profile = profile("import time\ndef nap():\n    time.sleep(0.8)\nnap()\n");
    let nap = function(&profile, "nap");
    assert!(nap.waiting > 0.6, "{nap:#?}");
    assert!(nap.own < 0.1, "{nap:#?}");
}

#[test]
fn a_function_where_another_was_a_moment_ago() {
    // The first is at work until its code is freed; the second's code takes its place and waits.
    let profile = profile(
        r#"
import time

def make(name):
    space = {"time": time}
    exec(f"def {name}(work, end):\n    while time.thread_time() < end: pass\n    time.sleep(work)\n", space)
    return space[name]

first = make("first")
first(0, time.thread_time() + 0.02)
place = id(first.__code__)
del first
kept = []
while id((second := make("second")).__code__) != place:
    kept.append(second)
second(0.8, 0)
"#,
    );
    assert!(function(&profile, "first").own > 0.01);
    let second = function(&profile, "second");
    assert!(second.waiting > 0.6, "{second:#?}");
}

#[test]
fn threads_and_child_processes_are_seen() {
    let profile = profile(
        r#"
import multiprocessing, threading, time
def work(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
def in_child(): work(0.5)
def in_thread(): work(0.5)
if __name__ == "__main__":
    child = multiprocessing.get_context("spawn").Process(target=in_child)
    thread = threading.Thread(target=in_thread)
    child.start(); thread.start(); child.join(); thread.join()
"#,
    );
    assert!(profile.processes >= 2, "{}", profile.processes);
    for name in ["in_child", "in_thread"] {
        let function = profile.functions.iter().find(|f| f.name == name);
        assert!(
            function.is_some_and(|f| f.total > 0.3),
            "{name}: {profile:#?}"
        );
    }
}

#[test]
fn the_deepest_recursion_does_no_harm() {
    let profile = profile(
        "import sys, time\nsys.setrecursionlimit(5000)\ndef deep(n):\n    if n: return deep(n - 1)\n    \
         end = time.thread_time() + 0.4\n    while time.thread_time() < end: pass\ndeep(3000)\n",
    );
    assert!(share(&profile, "deep") > 0.8);
}

#[test]
fn generators_and_coroutines_have_their_callers() {
    let profile = profile(
        r#"
import asyncio, time
async def inner():
    end = time.thread_time() + 0.4
    while time.thread_time() < end:
        pass
async def outer():
    await inner()
asyncio.run(outer())
"#,
    );
    let outer = profile
        .functions
        .iter()
        .find(|f| f.name == "outer")
        .unwrap();
    assert!(outer.total > 0.3, "{outer:#?}");
    assert!(share(&profile, "inner") > 0.6);
}

#[test]
fn names_in_any_alphabet() {
    let profile = profile(
        "import time\ndef größe():\n    end = time.thread_time() + 0.2\n    while time.thread_time() < end: pass\n\
         def 計算(): größe()\n計算()\n",
    );
    assert!(share(&profile, "größe") > 0.5);
    assert!(profile.functions.iter().any(|f| f.name == "計算"));
}

#[test]
fn an_app_is_stopped_and_what_was_seen_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let source = "def endless():\n    while True: pass\nendless()\n";
    let session = session(folder.path(), source, 1000);
    let start = std::time::Instant::now();
    let stop = || start.elapsed().as_secs_f64() > 1.5;
    let profile = session.profile(&stop, &mut |_| ()).unwrap();
    assert_eq!(profile.exit, None);
    assert!(share(&profile, "endless") > 0.5);
}

#[test]
fn an_app_that_leaves_at_once_or_fails() {
    let out = profile("import os\nos._exit(7)\n");
    assert_eq!(out.exit, Some(7));
    let failed = profile("raise ValueError\n");
    assert_eq!(failed.exit, Some(1));
}

#[test]
fn what_is_no_python_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sleep");
    command.arg("5");
    let options = Options {
        places: Places::default(),
        rate: 100,
        window: false,
        group: false,
    };
    let session = Session::start(&mut command, &folder.path().join("socket"), options).unwrap();
    let error = session.profile(&|| false, &mut |_| ()).unwrap_err();
    assert!(matches!(error, Error::NotPython { .. }), "{error}");
}

#[test]
fn a_page_holds_its_data_whatever_names_are() {
    let mut profile = profile("x = sum(range(10**7))\n");
    profile.app = "</script><script>alert(1)</script>".into();
    let page = page(&profile);
    assert!(
        !page.contains("<script>alert"),
        "a name must not become a program"
    );
    assert!(page.contains("\\u003c/script>"));
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "nothing is loaded"
    );
}

#[test]
fn every_error_says_what_to_do() {
    let path = PathBuf::from("app");
    let not_found = || std::io::Error::from(std::io::ErrorKind::NotFound);
    let texts = [
        Error::Denied,
        Error::Gone,
        Error::NotPython { why: "none" },
        Error::Start {
            path,
            source: not_found(),
        },
        Error::NotCalled {
            function: "f".into(),
        },
        Error::NotMeasured {
            function: "f".into(),
            why: "line 3: no".into(),
        },
        Error::Io(not_found()),
    ]
    .map(|e| format!("{e} | {}", e.hint().unwrap_or_default()));
    assert_eq!(
        texts,
        [
            "this system does not let a program look into the programs that it starts | profiling needs \
             /proc/PID/mem: set kernel.yama.ptrace_scope to 0 or 1, or give a container the capability SYS_PTRACE",
            "the program ended before it could be looked at | ",
            "the program is not a Python that can be profiled: none | profile a script, a folder, or a file \
             that this Pyxidium has sealed",
            "cannot run app | ",
            "f was not measured: the app ended without calling it | do in the app what calls the function; a \
             profile shows how it is named",
            "f was not measured: line 3: no | ",
            "entity not found | ",
        ]
    );
}
