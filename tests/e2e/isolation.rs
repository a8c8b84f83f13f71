//! A sealed file on a bare machine: nothing of the host's Python is opened, nothing is written.

use std::fs;

use pyxidium_tests::process::Spec;
use pyxidium_tests::{TestContext, case, context, strace};

/// Uses a good part of the standard library, and native packages where they are given.
const APP: &str = "\
# /// script
# [tool.pyxidium]
# include = ['data.txt']
# ///
import asyncio, concurrent.futures, ctypes, curses, decimal, email.message, hashlib, http.client, json, locale
import logging, lzma, multiprocessing, os, pathlib, socket, sqlite3, ssl, subprocess, sys, tempfile, threading
import unittest, urllib.request, uuid, xml.etree.ElementTree, zoneinfo


def square(x):
    return x * x


if __name__ == '__main__':
    assert (pathlib.Path(__file__).parent / 'data.txt').read_text() == 'data'
    assert not list(os.scandir(os.path.expanduser('~')))
    # Not forkserver: its socket is a file in a temporary folder, by CPython's own design.
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context('spawn')) as pool:
        assert pool.submit(square, 3).result() == 9
    subprocess.run([sys.executable, '-c', 'import json'], check=True)
    ssl.create_default_context()
    try:
        raise ValueError
    except ValueError:
        logging.basicConfig(stream=sys.stdout)
        logging.exception('shown')
";

fn traced(context: &TestContext, app: &str) -> Option<Vec<strace::FileCall>> {
    if !case::can_mount() {
        return None;
    }
    // Everything read-only but /dev, /proc and shared memory; the environment empty; the home an empty folder.
    let line = r#"
        mount --make-rprivate /
        for at in $(awk '{ print $2 }' /proc/mounts | grep -v -E '^/(dev|proc|sys)(/|$)'); do
            mount -o remount,bind,ro "$at" 2>/dev/null
        done
        if touch "$HOME/probe" 2>/dev/null; then echo "the home can be written" >&2; exit 9; fi
        cd / && exec env -i HOME="$HOME" "$0"
    "#;
    let log = context.join("trace.log");
    let mut command = context.command("strace");
    command
        .args(["-f", "-qq", "-s", "300", "-e", "trace=%file,creat", "-o"])
        .arg(&log);
    command.args(["unshare", "-m", "sh", "-c", line, app]);
    let outcome = Spec::of(command).within(300).run();
    outcome.expect_success();
    let text = fs::read_to_string(&log).unwrap();
    let calls = strace::calls_since(&text, app);
    assert!(calls.len() > 20, "strace saw the app\n{outcome}");
    Some(calls)
}

fn assert_isolated(calls: &[strace::FileCall], app: &str) {
    for call in calls {
        // Memory and devices are no files of the host.
        let ours = call.path.starts_with(app);
        let not_a_file = call.path.starts_with("/dev/") || call.path.starts_with("/proc/");
        assert!(
            !call.would_write() || not_a_file,
            "it tried to write: {call:?}"
        );
        if ours || not_a_file {
            continue;
        }
        let path = call.path.to_lowercase();
        let python =
            path.contains("python") || path.contains("pyvenv") || path.contains("site-packages");
        let suffix = [".py", ".pyc", ".pth", ".whl", ".egg"]
            .iter()
            .any(|suffix| path.ends_with(suffix));
        assert!(
            !python && !suffix,
            "it looked for a Python file of the host: {call:?}"
        );
    }
}

/// Seals `app.py`, runs it under `strace` and looks at every call that it made.
fn seal_and_check(context: &TestContext) {
    let app = context.seal(["app.py"]);
    let app = app.to_str().unwrap();
    let Some(calls) = traced(context, app) else {
        return;
    };
    assert_isolated(&calls, app);
    assert_eq!(
        fs::read_dir(context.home()).unwrap().count(),
        0,
        "the home is as empty as before"
    );
}

#[test]
fn opens_no_python_of_the_host_and_writes_nothing() {
    let context = TestContext::new("isolated");
    context.write("app.py", APP);
    context.write("data.txt", "data");
    seal_and_check(&context);
}

#[test]
fn native_packages_open_nothing_and_write_nothing_either() {
    if context::offline() {
        return;
    }
    let context = TestContext::new("isolated-native");
    context.write(
        "app.py",
        "# /// script\n# dependencies = [\"numpy\", \"pandas\"]\n# ///\nimport numpy, pandas\n\
         assert numpy.linalg.det(numpy.eye(3)) == 1\nprint(pandas.DataFrame({'a': [1, 2]}).sum().item())\n",
    );
    seal_and_check(&context);
}

/// The check itself must be able to fail.
fn seen(line: &str) -> Vec<strace::FileCall> {
    strace::calls_since(
        &format!("1 execve(\"/x/app\", [], 0) = 0\n{line}\n"),
        "/x/app",
    )
}

#[test]
#[should_panic(expected = "it tried to write")]
fn a_write_would_be_noticed() {
    let line = r#"1 openat(AT_FDCWD, "/root/.cache/x", O_RDWR|O_CREAT, 0600) = -1 EROFS (Read-only file system)"#;
    assert_isolated(&seen(line), "/x/app");
}

#[test]
#[should_panic(expected = "it looked for a Python file of the host")]
fn a_python_file_of_the_host_would_be_noticed() {
    assert_isolated(
        &seen(r#"1 openat(AT_FDCWD, "/usr/lib/python3/x.pyc", O_RDONLY) = 3"#),
        "/x/app",
    );
}
