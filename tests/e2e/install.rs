//! Files that install themselves: `APP --install`, the entry in the menu, `APP --uninstall`, and everything that
//! may stand in the way.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use pyxidium_tests::TestContext;
use pyxidium_tests::process::{Outcome, Spec};

const PROJECT: &str = r#"
[project]
name = "words"
version = "1.2.0"
description = "Counts words"
[tool.pyxidium.install]
self-install = true
categories = ["Office"]
file-types = [{ extension = "words", name = "Word list" }]
"#;
const MAIN: &str = "import sys\nprint('words', *sys.argv[1:])\n";

/// Seals the project into `file`.
fn seal(context: &TestContext, file: &str, toml: &str, main: &str, more: &[&str]) -> PathBuf {
    context.write("project/pyproject.toml", toml);
    context.write("project/__main__.py", main);
    let mut args = vec!["build", "project", "-o", file];
    args.extend(more);
    context.run_pyxidium(args).expect_success();
    context.join(file)
}

/// Seals it with a window, in the console runtime, which does not open it: what is installed is the same.
fn seal_with_window(context: &TestContext, file: &str) -> PathBuf {
    let icon =
        fs::read(pyxidium_tests::context::workspace().join("app_py/studio/icon.png")).unwrap();
    context.write("project/icon.png", icon);
    context.write("project/ui/index.html", "<!doctype html><p>words");
    let main = "import sys\nimport pyxidium as px\nif len(sys.argv) > 9:\n    px.window(title='My \"words\" %', ui='ui', icon='icon.png')\nprint('words', *sys.argv[1:])\n";
    let toml = PROJECT.replace("self-install = true\n", "");
    let toml = toml + "[tool.pyxidium]\nidentifier = \"org.example.words\"\n";
    let runtime = context.join("runtime");
    let stripped = pyxidium_tests::context::release("pyxidium-runtime");
    fs::copy(stripped, &runtime).unwrap();
    seal(context, file, &toml, main, &["--runtime", "runtime"])
}

/// All files below a folder that are there, in order.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else {
                let inside = path.strip_prefix(folder).unwrap();
                found.push(inside.to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn left(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect()
}

/// The value of a key of a desktop entry, as a program that reads one gets it.
fn value(entry: &str, key: &str) -> String {
    let line = entry
        .lines()
        .find_map(|l| l.strip_prefix(key)?.strip_prefix('='));
    line.unwrap_or_else(|| panic!("{key} in {entry}"))
        .replace("\\\\", "\\")
}

/// The words of an `Exec` line that starts an app without files.
fn words(exec: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut quoted, mut characters) = (false, exec.chars());
    while let Some(c) = characters.next() {
        let last = words.last_mut().unwrap();
        match c {
            '"' => quoted = !quoted,
            '\\' if quoted => last.extend(characters.next()),
            '%' => last.extend(characters.next().filter(|next| *next == '%')),
            ' ' if !quoted => words.push(String::new()),
            c => last.push(c),
        }
    }
    words.retain(|w| !w.is_empty());
    words
}

#[test]
fn installs_runs_from_the_menu_and_leaves_nothing() {
    let context = TestContext::new("install $a \"home\" 100%");
    let app = seal_with_window(&context, "app");
    let home = context.home();
    // What the person has is theirs.
    fs::create_dir_all(home.join(".local/share/org.example.words")).unwrap();
    fs::write(home.join(".local/share/org.example.words/data"), "kept").unwrap();
    let before = files(&home);

    let outcome = context.run(&app, ["--install"]);
    outcome.expect_success().expect_stderr(&[]);
    outcome.expect_stdout(
        "Installed My \"words\" % 1.2.0\n  ~/.local/bin/words\n  and an entry in the menu of applications\n  \
         opens .words\nnote: ~/.local/bin is not on PATH; start it as ~/.local/bin/words\n\
         words --uninstall removes it\n",
    );
    let data = home.join(".local/share");
    let program = home.join(".local/bin/words");
    assert!(fs::read(&program).unwrap() == fs::read(&app).unwrap());
    assert_eq!(
        fs::metadata(&program).unwrap().permissions().mode() & 0o777,
        0o755
    );
    let icon = data.join("icons/hicolor/256x256/apps/org.example.words.png");
    assert!(icon.is_file(), "{:?}", files(&data));
    let mime = fs::read_to_string(data.join("mime/packages/org.example.words.xml")).unwrap();
    assert!(mime.contains("*.words"), "{mime}");
    // The real program of the desktop has taken it in.
    let globs = data.join("mime/globs2");
    assert!(
        fs::read_to_string(&globs).is_ok_and(|t| t.contains("*.words")),
        "{globs:?}"
    );

    // From the menu.
    let entry = fs::read_to_string(data.join("applications/org.example.words.desktop")).unwrap();
    assert_eq!(value(&entry, "Name"), "My \"words\" %");
    assert_eq!(value(&entry, "Terminal"), "false");
    let command = words(&value(&entry, "Exec"));
    assert_eq!(command, [program.to_str().unwrap()], "{entry}");
    context
        .run(Path::new(&command[0]), ["x"])
        .expect_stdout("words x\n");

    // The one that was downloaded may be gone by now.
    fs::remove_file(&app).unwrap();
    let outcome = context.run(&program, ["--uninstall"]);
    outcome
        .expect_success()
        .expect_stdout("Removed My \"words\" %; its data stays\n");
    assert_eq!(files(&home), before);
    assert_eq!(left(&home.join(".local")), ["share"]);
    assert_eq!(left(&data), ["org.example.words"], "no empty folder either");
}

#[test]
fn installing_again_is_an_update() {
    let context = TestContext::new("install-again");
    let first = seal(&context, "one", PROJECT, MAIN, &[]);
    let outcome = context.run(&first, ["--install"]);
    outcome.expect_success();
    // Without a window there is nothing for menus.
    assert!(!outcome.stdout().contains("menu"), "{outcome}");
    let program = context.home().join(".local/bin/words");
    let newer = PROJECT
        .replace("1.2.0", "1.3.0")
        .replace("extension = \"words\"", "extension = \"w\"");
    let second = seal(&context, "two", &newer, "print('newer')\n", &[]);
    let outcome = context.run(&second, ["--install"]);
    outcome.expect_success().expect_stderr(&[]);
    assert!(
        outcome
            .stdout()
            .starts_with("Installed again: words 1.3.0\n"),
        "{outcome}"
    );
    context.run(&program, [""; 0]).expect_stdout("newer\n");
    // And from its own place, where it is already.
    context.run(&program, ["--install"]).expect_success();
    context.run(&program, ["--uninstall"]).expect_success();
    assert!(
        files(&context.home()).is_empty(),
        "{:?}",
        files(&context.home())
    );
    context
        .run(&second, ["--uninstall"])
        .expect_code(1)
        .expect_stderr(&["error: words is not installed for this user"]);
}

#[test]
fn arguments_of_the_app_stay_its_own() {
    let context = TestContext::new("install-own");
    let app = seal(&context, "app", PROJECT, MAIN, &[]);
    for args in [
        &["--install", "x"][..],
        &["x", "--install"],
        &["--installed"],
    ] {
        let expected = format!("words {}\n", args.join(" "));
        context
            .run(&app, args)
            .expect_success()
            .expect_stdout(&expected);
    }
    // A console app that did not ask for it has these arguments for itself.
    let plain = PROJECT.replace("self-install = true\n", "");
    let app = seal(&context, "plain", &plain, MAIN, &[]);
    context
        .run(&app, ["--install"])
        .expect_stdout("words --install\n");
    assert!(files(&context.home()).is_empty());
}

#[test]
fn an_app_cut_down_to_what_it_uses_installs_itself() {
    let context = TestContext::new("install-only-used");
    context.write("project/pyproject.toml", PROJECT);
    context.write("project/__main__.py", "print('small')\n");
    context.run_pyxidium(["record", "project"]).expect_success();
    let app = seal(
        &context,
        "app",
        PROJECT,
        "print('small')\n",
        &["--only-used"],
    );
    context.run(&app, ["--install"]).expect_success();
    let program = context.home().join(".local/bin/words");
    context.run(&program, [""; 0]).expect_stdout("small\n");
    context.run(&program, ["--uninstall"]).expect_success();
    assert!(files(&context.home()).is_empty());
}

fn refused(context: &TestContext, outcome: &Outcome, parts: &[&str]) {
    outcome
        .expect_code(1)
        .expect_stdout("")
        .expect_stderr(parts);
    assert!(!outcome.stderr().contains("Traceback"), "{outcome}");
    let home = files(&context.home());
    assert!(!home.iter().any(|f| f.ends_with(".new")), "{home:?}");
}

#[test]
fn what_stands_in_the_way_is_said_and_nothing_is_changed() {
    let context = TestContext::new("install-refused");
    let app = seal(&context, "app", PROJECT, MAIN, &[]);
    let program = context.home().join(".local/bin/words");
    let run = |change: &dyn Fn(&mut std::process::Command)| {
        let mut command = context.command(&app);
        command.arg("--install");
        change(&mut command);
        Spec::of(command).run()
    };
    let install = || run(&|_| ());

    refused(
        &context,
        &run(&|c| _ = c.env_remove("HOME")),
        &["error: HOME is not set", "hint: set it to the folder"],
    );
    refused(
        &context,
        &run(&|c| _ = c.env("HOME", "/nowhere/at/all")),
        &["error: HOME is '/nowhere/at/all', which is no folder"],
    );

    // Somebody else's program, and a link to one.
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    fs::write(&program, "#!/bin/sh\n").unwrap();
    refused(
        &context,
        &install(),
        &[
            "/.local/bin/words is there already",
            "hint: it is not replaced",
        ],
    );
    assert_eq!(fs::read_to_string(&program).unwrap(), "#!/bin/sh\n");
    fs::remove_file(&program).unwrap();
    symlink("/nowhere", &program).unwrap();
    refused(
        &context,
        &install(),
        &["/.local/bin/words is there already"],
    );
    fs::remove_file(&program).unwrap();
    // A file where a folder belongs: nobody, root neither, can write below it.
    let share = context.home().join(".local/share");
    fs::write(&share, "").unwrap();
    refused(
        &context,
        &install(),
        &["error: /", "share", "ot a directory"],
    );
    assert!(!program.exists());
    fs::remove_file(&share).unwrap();

    // What was changed after it was installed is the user's own by now.
    install().expect_success();
    let kinds = share.join("mime/packages/words.xml");
    fs::write(&kinds, "mine").unwrap();
    refused(
        &context,
        &install(),
        &["words.xml was changed since it was installed"],
    );
    let outcome = context.run(&program, ["--uninstall"]);
    outcome.expect_success();
    assert!(
        outcome
            .stdout()
            .contains("~/.local/share/mime/packages/words.xml was changed since, and stays")
    );
    assert_eq!(fs::read_to_string(&kinds).unwrap(), "mine");
    assert!(!program.exists());

    fs::create_dir_all(share.join("pyxidium/installed")).unwrap();
    fs::write(share.join("pyxidium/installed/words.json"), "{").unwrap();
    refused(
        &context,
        &install(),
        &[
            "words.json is no record of an installation",
            "hint: remove it",
        ],
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    // SAFETY: geteuid() takes nothing, cannot fail and touches no memory.
    let root = unsafe { libc::geteuid() } == 0;
    let context = TestContext::new("install-read-only");
    let app = seal(&context, "app", PROJECT, MAIN, &[]);
    let bin = context.home().join(".local/bin");
    fs::create_dir_all(&bin).unwrap();
    // Root may write everywhere but where nobody can: /proc has no room for files.
    if root {
        fs::remove_dir(&bin).unwrap();
        symlink("/proc", &bin).unwrap();
    } else {
        fs::set_permissions(&bin, fs::Permissions::from_mode(0o555)).unwrap();
    }
    refused(
        &context,
        &context.run(&app, ["--install"]),
        &["error: /", ".local/bin/words"],
    );
    let home = files(&context.home());
    assert!(!home.iter().any(|f| f.contains("words")), "{home:?}");
}

#[test]
fn a_recipe_makes_a_file_that_installs_itself() {
    let context = TestContext::new("install-recipe");
    context.write("pyoxidizer.bzl", RECIPE);
    context.write("app.py", MAIN);
    let outcome = context.run_pyxidium(["build", "--target", "setup"]);
    outcome.expect_success();
    let built = files(&context.join("build"));
    let file = built.iter().find(|f| f.ends_with("/words"));
    let file = context
        .join("build")
        .join(file.unwrap_or_else(|| panic!("{built:?}\n{outcome}")));
    context.run(&file, ["--install"]).expect_success();
    let program = context.home().join(".local/bin/words");
    context.run(&program, ["a"]).expect_stdout("words a\n");
    context.run(&program, ["--uninstall"]).expect_success();
}

const RECIPE: &str = r#"
def make_setup():
    dist = default_python_distribution()
    config = dist.make_python_interpreter_config()
    config.run_command = "import sys; print('words', *sys.argv[1:])"
    exe = dist.to_python_executable(name = "words", config = config)
    return exe.to_self_install(version = "1.0", file_types = ["words"])

register_target("setup", make_setup)
resolve_targets()
"#;
