//! The file that is written, and every way in which it can refuse to be: folders, full disks, builds that were killed, two at
//! once.

use super::*;

#[test]
fn outputs_that_cannot_be_written_stay_as_they_were() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    lay(
        folder.path(),
        &[("app.py", b""), ("file", b"old"), ("readonly/app", b"old")],
    );
    fs_err::create_dir(folder.path().join("taken")).unwrap();
    let check = |output: &Path, expected: &str, hint: &str| {
        let plan = BuildPlan {
            output: output.into(),
            ..plan(folder.path(), "app.py")
        };
        let error = build(&plan, &options(), &Silent).unwrap_err();
        assert_eq!(
            error
                .to_string()
                .replace(&format!("{}/", folder.path().display()), ""),
            expected
        );
        assert_eq!(
            error
                .hint()
                .unwrap()
                .replace(&format!("{}/", folder.path().display()), ""),
            hint
        );
    };
    let path = |p: &str| folder.path().join(p);
    check(
        &path("taken"),
        "the output taken is a folder",
        "name the file to write: -o taken/app",
    );
    check(
        &path("file/app"),
        "cannot write file/app: file is not a folder",
        "choose another name with -o",
    );
    check(
        Path::new("/dev/null"),
        "the output /dev/null is not a regular file",
        "choose another name with -o",
    );
    assert_eq!(fs_err::read(path("file")).unwrap(), b"old");
    fs_err::set_permissions(path("readonly"), std::fs::Permissions::from_mode(0o555)).unwrap();
    // Root may write anywhere; /sys refuses even root.
    let refused = if std::fs::write(path("readonly/probe"), "").is_ok() {
        PathBuf::from("/sys/app")
    } else {
        path("readonly/app")
    };
    let plan = BuildPlan {
        output: refused,
        ..plan(folder.path(), "app.py")
    };
    let error = build(&plan, &options(), &Silent).unwrap_err();
    assert!(error.to_string().starts_with("cannot write "), "{error}");
    assert_eq!(error.fault(), crate::Fault::Environment);
    fs_err::set_permissions(path("readonly"), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(fs_err::read(path("readonly/app")).unwrap(), b"old");
}

#[test]
fn what_a_killed_build_left_is_cleaned_up_and_a_living_one_is_not_disturbed() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("app.py", b""), ("out/app", b"old")]);
    let mut living = crate::output::Unfinished::create(&folder.path().join("out/app")).unwrap();
    std::io::Write::write_all(living.file(), b"living").unwrap();
    let hidden = || -> Vec<PathBuf> {
        let all = fs_err::read_dir(folder.path().join("out"))
            .unwrap()
            .map(|e| e.unwrap().path());
        all.filter(|p| p.extension().is_some_and(|e| e == "part"))
            .collect()
    };
    let living_name = hidden().remove(0);
    // A killed build's file: of the same target, and nobody holds it.
    let stale = living_name
        .to_str()
        .unwrap()
        .replace(&format!("-{}-", std::process::id()), "-1-");
    fs_err::write(&stale, "stale").unwrap();
    build(&plan(folder.path(), "app.py"), &options(), &Silent).unwrap();
    assert_eq!(hidden(), [living_name]);
    let size = fs_err::metadata(folder.path().join("out/app"))
        .unwrap()
        .len();
    assert!(size > 1_000_000);
    living.finish(0o755).unwrap();
    assert_eq!(
        fs_err::read(folder.path().join("out/app")).unwrap(),
        b"living"
    );
    assert!(hidden().is_empty());
}

#[test]
fn two_builds_to_one_output_both_leave_a_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("app.py", b"print(1)\n")]);
    let plan = plan(folder.path(), "app.py");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| build(&plan, &options(), &Silent).unwrap());
        }
    });
    SealedFile::open(&plan.output)
        .unwrap()
        .verify(&|_| ())
        .unwrap();
    assert_eq!(
        fs_err::read_dir(folder.path().join("out")).unwrap().count(),
        1
    );
}

#[test]
fn files_that_are_not_ours() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("text", b"hello"), ("empty", b"")]);
    let check = |path: &Path, expected: &str| {
        let error = SealedFile::open(path).unwrap_err();
        assert_eq!(
            error
                .to_string()
                .replace(&format!("{}/", folder.path().display()), ""),
            expected
        );
    };
    check(&folder.path().join("text"), "text: not an executable file");
    check(
        &folder.path().join("empty"),
        "empty: not an executable file",
    );
    check(&folder.path().join("missing"), "missing does not exist");
    check(
        Path::new("/bin/true"),
        "/bin/true: holds no Pyxidium payload",
    );
    let stub = runtime(folder.path(), &["-O1"]);
    check(&stub, "stub: holds no Pyxidium payload");
}
