//! What happens to a sealed file after it was made: copied, renamed, stripped, cut short, damaged.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use pyxidium_tests::process::Spec;
use pyxidium_tests::{Outcome, TestContext, case};

/// Touches much of the file: modules, a resource, a worker process.
const APP: &str = "\
import concurrent.futures, decimal, json, multiprocessing, os, sqlite3, ssl, sys

if __name__ == '__main__':
    assert open(__file__).read().startswith('import')
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context('spawn')) as pool:
        assert pool.submit(abs, -3).result() == 3
    assert sys.executable == os.path.realpath('/proc/self/exe')
    print('ok', *sys.argv[1:])
";

const NONE: [&str; 0] = [];

fn sealed(name: &str) -> (TestContext, PathBuf) {
    let context = TestContext::new(name);
    let app = context.seal_text(APP);
    (context, app)
}

fn tool(context: &TestContext, program: &str, args: &[&str]) {
    let outcome = match context.command(program).args(args).output() {
        Ok(output) => output,
        Err(error) => panic!("{program}: {error}; `cargo xtask test` installs it"),
    };
    assert!(
        outcome.status.success(),
        "{program} {args:?}: {}",
        String::from_utf8_lossy(&outcome.stderr)
    );
}

fn works(context: &TestContext, app: &Path) {
    context
        .run(app, ["x"])
        .expect_success()
        .expect_stdout("ok x\n");
    context
        .run_pyxidium(["verify".as_ref(), app.as_os_str()])
        .expect_success();
}

#[test]
fn copied_renamed_linked() {
    let (context, app) = sealed("copied");
    for name in [
        "copy",
        "with space é 日本",
        "app.exe",
        ".hidden",
        &"n".repeat(200),
        "deep/er/app",
    ] {
        let copy = context.join(name);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(&app, &copy).unwrap();
        works(&context, &copy);
        let renamed = context.join("renamed");
        fs::rename(&copy, &renamed).unwrap();
        works(&context, &renamed);
    }
    symlink(&app, context.join("link")).unwrap();
    works(&context, &context.join("link"));
    fs::hard_link(&app, context.join("hard")).unwrap();
    works(&context, &context.join("hard"));
    // Found through PATH, or by a relative name.
    let mut command = context.command("sh");
    command.args([
        "-c",
        "PATH=$PWD:$PATH; app x && ./app x && cd deep && ../app x",
    ]);
    Spec::of(command)
        .run()
        .expect_success()
        .expect_stdout("ok x\nok x\nok x\n");
}

#[test]
fn deleted_or_replaced_while_it_runs() {
    let context = TestContext::new("deleted");
    let app = context.seal_text("import os, sys\nos.remove(sys.argv[1])\nimport wave, xml.dom.minidom\nprint(open(__file__).readline().strip())\n");
    context
        .run(&app, [&app])
        .expect_success()
        .expect_stdout("import os, sys\n");
}

#[test]
fn stripped() {
    for args in [
        &["app"][..],
        &["--strip-all", "app"],
        &["--strip-unneeded", "app"],
        &["-g", "app"],
        &["-R", ".comment", "app"],
    ] {
        let (context, app) = sealed("stripped");
        tool(&context, "strip", args);
        works(&context, &app);
        // Packagers strip what is stripped.
        tool(&context, "strip", args);
        works(&context, &app);
    }
}

#[test]
fn copied_by_objcopy() {
    let (context, _app) = sealed("objcopy");
    tool(&context, "objcopy", &["app", "copied"]);
    works(&context, &context.join("copied"));
    tool(
        &context,
        "objcopy",
        &[
            "--strip-debug",
            "--remove-section=.comment",
            "app",
            "copied2",
        ],
    );
    works(&context, &context.join("copied2"));
}

#[test]
fn patched_by_patchelf() {
    let (context, app) = sealed("patchelf");
    tool(
        &context,
        "patchelf",
        &[
            "--set-rpath",
            "/opt/some/long/path/that/needs/room/lib:$ORIGIN/lib",
            "app",
        ],
    );
    works(&context, &app);
    tool(&context, "patchelf", &["--add-needed", "libm.so.6", "app"]);
    works(&context, &app);
    tool(&context, "patchelf", &["--remove-rpath", "app"]);
    works(&context, &app);
    tool(&context, "strip", &["app"]);
    works(&context, &app);
}

#[test]
fn execute_only() {
    // Root may read everything, so the file goes where another user can reach it.
    let (context, app) = sealed("execute-only");
    let folder = tempfile::Builder::new()
        .prefix("pyxidium-")
        .tempdir()
        .unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let copy = folder.path().join("app");
    fs::copy(&app, &copy).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o111)).unwrap();
    let mut command = Command::new(&copy);
    command.env_clear().arg("x").current_dir("/");
    // SAFETY: geteuid() takes nothing, cannot fail and touches no memory.
    if unsafe { libc::geteuid() } == 0 {
        command.uid(65534).gid(65534);
    }
    assert!(context.work().exists());
    Spec::of(command)
        .run()
        .expect_success()
        .expect_stdout("ok x\n");
}

#[test]
fn machine_without_proc() {
    if !case::can_mount() {
        return;
    }
    let (context, app) = sealed("no-proc");
    let mut command = context.command("unshare");
    command
        .args(["-m", "sh", "-c", "mount -t tmpfs none /proc && exec \"$0\""])
        .arg(&app);
    fails_cleanly(
        &Spec::of(command).run(),
        &["error: ", "/proc", "hint: /proc must be mounted"],
    );
}

/// Where the payload begins: at a page, with the magic number and a small version.
fn payload_start(bytes: &[u8]) -> usize {
    let mut found = (0..bytes.len()).step_by(4096).filter(|&at| {
        bytes[at..].starts_with(b"PYXIDIUM") && bytes[at + 8] < 16 && bytes[at + 9] == 0
    });
    found
        .next_back()
        .expect("a sealed file has a payload at a page boundary")
}

/// It failed as a program does that knows why: no signal, no panic, words that name the file.
fn fails_cleanly(outcome: &Outcome, parts: &[&str]) {
    assert!(
        outcome.code.is_some_and(|code| code != 0),
        "a code other than 0\n{outcome}"
    );
    assert_eq!(outcome.stdout(), "", "{outcome}");
    outcome.expect_stderr(parts);
}

#[test]
fn cut_short_at_any_byte() {
    let (context, app) = sealed("cut");
    let whole = fs::read(&app).unwrap();
    let start = payload_start(&whole);
    let cut = context.join("cut");
    let mut lengths = vec![
        0,
        1,
        3,
        4,
        16,
        63,
        64,
        65,
        1000,
        4095,
        4096,
        start / 4,
        start / 2,
        start - 1,
        start,
    ];
    lengths.extend([
        start + 1,
        start + 8,
        start + 10,
        start + 63,
        start + 64,
        start + 4096,
    ]);
    lengths.extend((1..40).map(|part| start + (whole.len() - start) / 40 * part));
    lengths.extend([whole.len() - 4096, whole.len() - 2, whole.len() - 1]);
    for length in lengths {
        fs::write(&cut, &whole[..length]).unwrap();
        fs::set_permissions(&cut, fs::Permissions::from_mode(0o755)).unwrap();
        for command in ["verify", "inspect"] {
            let outcome = context.run_pyxidium([command, "cut"]);
            outcome.expect_code(1).expect_stderr(&["error: cut: "]);
        }
        if length > start {
            let outcome = context.run(&cut, NONE);
            let expected = format!(
                "this file is incomplete: it has {length} bytes and should have {}",
                whole.len()
            );
            fails_cleanly(&outcome, &[&expected, "hint: "]);
        } else {
            // Without its own code a program cannot say anything: it only must not seem to work.
            match context.command(&cut).output() {
                Ok(output) => assert!(
                    !output.status.success() && output.stdout.is_empty(),
                    "at {length}"
                ),
                Err(error) => assert!(error.raw_os_error().is_some(), "at {length}: {error}"),
            }
        }
    }
}

#[test]
fn longer_than_it_was() {
    // A signature or a download tool may append bytes; the payload has its own length.
    let (context, app) = sealed("longer");
    File::options()
        .append(true)
        .open(&app)
        .unwrap()
        .write_all(&[0xAB; 5000])
        .unwrap();
    context
        .run(&app, ["x"])
        .expect_success()
        .expect_stdout("ok x\n");
}

/// Overwrites one byte in place; the old one.
fn poke(path: &Path, at: usize, byte: u8) {
    let mut file = File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at as u64)).unwrap();
    file.write_all(&[byte]).unwrap();
}

#[test]
fn byte_flipped_anywhere_in_the_payload() {
    let (context, app) = sealed("flipped");
    let whole = fs::read(&app).unwrap();
    let start = payload_start(&whole);
    // The header, then positions spread over the rest by a fixed, odd step.
    let mut positions: Vec<usize> = (start..start + 128).step_by(3).collect();
    let step = (whole.len() - start) / 150;
    positions.extend((0..150).map(|number| start + number * step + (number * 7919) % step));
    positions.push(whole.len() - 1);
    let (mut silent, mut ran) = (Vec::new(), 0);
    for at in positions {
        poke(&app, at, whole[at] ^ 0x20);
        let verified = context.run_pyxidium(["verify", "app"]);
        if verified.code == Some(0) {
            silent.push(at - start);
        } else {
            verified.expect_code(1).expect_stderr(&["error: "]);
        }
        // What the app does not touch may be damaged; what it touches must be found out, without a crash.
        let outcome = context.run(&app, ["x"]);
        assert_eq!(
            outcome.signal,
            None,
            "flipped byte {} of the payload\n{outcome}",
            at - start
        );
        if outcome.code == Some(0) {
            outcome.expect_stdout("ok x\n");
            ran += 1;
        } else {
            assert!(
                [
                    "damage",
                    "checksum",
                    "cannot be",
                    "not a Pyxidium payload",
                    "format version",
                    "incomplete"
                ]
                .iter()
                .any(|word| outcome.stderr().contains(word)),
                "flipped byte {} of the payload\n{outcome}",
                at - start
            );
            outcome.expect_stderr(&[]);
        }
        poke(&app, at, whole[at]);
    }
    assert_eq!(
        silent,
        Vec::<usize>::new(),
        "`verify` did not see these flipped bytes"
    );
    assert!(ran > 0, "a byte that is never read need not stop the app");
    works(&context, &app);
}

#[test]
fn payload_of_a_newer_format() {
    let (context, app) = sealed("newer");
    let start = payload_start(&fs::read(&app).unwrap());
    poke(&app, start + 8, 99);
    let parts = ["format version 99", "update Pyxidium", "hint: "];
    fails_cleanly(&context.run(&app, NONE), &parts);
    for command in ["inspect", "verify"] {
        fails_cleanly(
            &context.run_pyxidium([command, "app"]),
            &["error: ", "format version 99", "update Pyxidium"],
        );
    }
}

#[test]
fn bare_runtime_symbols_are_pythons_only() {
    // Never OpenSSL's, SQLite's or zlib's: other libraries in the process would bind to them.
    let (context, app) = sealed("symbols");
    let output = context
        .command("nm")
        .args(["-D", "--defined-only"])
        .arg(&app)
        .output()
        .expect("binutils");
    let text = String::from_utf8_lossy(&output.stdout);
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2))
        .collect();
    assert!(
        names.iter().any(|name| name.starts_with("PyLong_FromLong")),
        "wheels need these"
    );
    for library in [
        "SSL_",
        "EVP_",
        "sqlite3_",
        "ffi_",
        "XML_Parse",
        "deflate",
        "inflate",
        "BZ2_",
        "lzma_",
        "ZSTD_",
    ] {
        let found: Vec<_> = names
            .iter()
            .filter(|name| name.starts_with(library))
            .collect();
        assert!(found.is_empty(), "{library}: {found:?}");
    }
}

#[test]
fn needs_no_library_but_the_c_library() {
    let (context, app) = sealed("needed");
    let output = context
        .command("readelf")
        .arg("-d")
        .arg(&app)
        .output()
        .expect("binutils");
    let text = String::from_utf8_lossy(&output.stdout);
    for line in text.lines().filter(|line| line.contains("(NEEDED)")) {
        let known = [
            "libc.so.6",
            "libm.so.6",
            "libgcc_s.so.1",
            "ld-linux-x86-64.so.2",
            "libdl.so.2",
            "libpthread.so.0",
        ];
        assert!(known.iter().any(|name| line.contains(name)), "{line}");
    }
}
