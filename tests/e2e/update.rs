//! Apps that update themselves: sealed files of several versions, a server on this machine, every refusal, and the
//! way back.

use std::fs;
use std::path::{Path, PathBuf};

use pyxidium_tests::TestContext;
use pyxidium_tests::context::release;
use pyxidium_tests::process::Spec;
use pyxidium_tests::server::{Answer, Server};
use serde_json::Value;

/// Says its version and arguments; with the argument `update` it updates itself and starts again.
const APP: &str = r#"
import sys
from pyxidium import update

VERSION = "1.0"


def main():
    try:
        found = update.check(*sys.argv[2:])
        if found is None:
            print("nothing new")
            return
        print("found", found.version, found.notes, flush=True)
        seen = []
        found.install(lambda come, size: seen.append((come, size)))
        assert seen[-1] == (found.size, found.size), seen
    except update.UpdateError as error:
        print(f"{type(error).__name__}: {error}")
    else:
        print("installed", flush=True)
        update.restart()


if sys.argv[1:2] == ["update"] and UPDATES:
    main()
else:
    print(VERSION, *sys.argv[1:])
"#;

struct Setting {
    context: TestContext,
    server: Server,
}

impl Setting {
    fn new(name: &str) -> Self {
        let this = Self {
            context: TestContext::new(name),
            server: Server::start(),
        };
        for key in ["acme", "other"] {
            this.context
                .run_pyxidium(["keygen", "-o", key])
                .expect_success();
        }
        this
    }

    /// Seals a version whose main module is `main`.
    fn seal_main(&self, version: &str, main: &str, more: &[&str]) -> PathBuf {
        let url = self.server.url("/latest.json");
        let toml = format!(
            "[project]\nname = \"words\"\nversion = \"{version}\"\n\
             [tool.pyxidium.update]\nkey = \"../acme.pub\"\nurl = \"{url}\"\n\
             [tool.pyxidium.install]\nself-install = true\n"
        );
        self.context.write("project/pyproject.toml", toml);
        self.context.write("project/__main__.py", main);
        let file = format!("made/words-{version}");
        let mut args = vec!["build", "project", "-o", &file];
        args.extend(more);
        self.context.run_pyxidium(args).expect_success();
        self.context.join(file)
    }

    /// Seals [`APP`]; one that was just updated to does `start`, and does not update itself again.
    fn seal(&self, version: &str, start: &str) -> PathBuf {
        let main = APP
            .replace("1.0", version)
            .replace("UPDATES", if version == "1.0" { "True" } else { "False" });
        self.seal_main(version, &format!("{main}\n{start}\n"), &[])
    }

    /// The app of version 1.0 in a folder of its own.
    fn app(&self) -> PathBuf {
        let first = self.seal("1.0", "");
        let app = self.context.join("app/words");
        fs::create_dir_all(app.parent().unwrap()).unwrap();
        fs::copy(first, &app).unwrap();
        app
    }

    /// The manifest of a file.
    fn manifest(&self, file: &Path, key: &str) -> Value {
        let outcome = self.context.run_pyxidium([
            "update-manifest",
            file.to_str().unwrap(),
            "--key",
            key,
            "--url",
            "words",
            "--notes",
            "looks better",
        ]);
        serde_json::from_str(&outcome.expect_success().stdout()).unwrap()
    }

    /// Announces a file.
    fn offer(&self, file: &Path) {
        self.announce(&self.manifest(file, "acme.key"));
        self.server
            .set("/words", Answer::File(fs::read(file).unwrap()));
    }

    fn announce(&self, manifest: &Value) {
        let json = serde_json::to_vec(manifest).unwrap();
        self.server.set("/latest.json", Answer::File(json));
    }

    /// Runs the app.
    fn run(&self, app: &Path, args: &[&str]) -> pyxidium_tests::process::Outcome {
        self.context.run(app, args)
    }

    /// The app says this when it is to update itself, and stays as it is.
    fn refuses(&self, app: &Path, args: &[&str], expected: &str) {
        let before = fs::read(app).unwrap();
        let outcome = self.run(app, &[&["update"], args].concat());
        outcome.expect_success().expect_stderr(&[]);
        assert!(outcome.stdout().contains(expected), "{expected}\n{outcome}");
        assert!(fs::read(app).unwrap() == before, "{expected}");
        assert_eq!(beside(app), ["words"], "{expected}");
    }
}

fn beside(app: &Path) -> Vec<String> {
    let entries = fs::read_dir(app.parent().unwrap()).unwrap();
    let mut names: Vec<_> = entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const INSTALLED: &str = "found 2.0 looks better\ninstalled\n";

#[test]
fn a_new_version_comes_and_starts_with_the_same_arguments() {
    let setting = Setting::new("update");
    let app = setting.app();
    let second = setting.seal("2.0", "");
    setting.offer(&second);
    // It runs from a link, too: what is replaced is the file.
    let link = setting.context.join("link");
    std::os::unix::fs::symlink(&app, &link).unwrap();
    let outcome = setting.run(&link, &["update"]);
    outcome.expect_success().expect_stderr(&[]);
    outcome.expect_stdout(&format!("{INSTALLED}2.0 update\n"));
    assert!(fs::read(&app).unwrap() == fs::read(&second).unwrap());
    assert_eq!(
        beside(&app),
        ["words"],
        "it ended well, so nothing of the update is left"
    );
    assert!(link.is_symlink());
    setting
        .run(&app, &["a", "-m", "json"])
        .expect_stdout("2.0 a -m json\n");
}

#[test]
fn a_recipe_asks_for_updates_as_a_project_does() {
    let setting = Setting::new("update-recipe");
    let context = &setting.context;
    fs::create_dir_all(context.join("recipe")).unwrap();
    fs::copy(context.join("acme.pub"), context.join("recipe/acme.pub")).unwrap();
    let url = setting.server.url("/latest.json");
    let recipe = format!(
        "def make_exe():\n    exe = default_python_distribution().to_python_executable(name = \"words\")\n    \
         exe.script(\"words.py\")\n    exe.version = VARS[\"version\"]\n    \
         exe.update(key = \"acme.pub\", url = \"{url}\")\n    return exe\n\n\
         register_target(\"exe\", make_exe)\nresolve_targets()\n"
    );
    context.write("recipe/pyoxidizer.bzl", recipe);
    let seal = |version: &str, updates: &str| {
        let main = APP.replace("1.0", version).replace("UPDATES", updates);
        context.write("recipe/words.py", main);
        let (variable, file) = (format!("version={version}"), format!("app-{version}/"));
        fs::create_dir_all(context.join(&file)).unwrap();
        context
            .run_pyxidium(["build", "recipe", "-v", &variable, "-o", &file])
            .expect_success();
        context.join(file).join("words")
    };
    let app = seal("1.0", "True");
    setting.offer(&seal("2.0", "False"));
    setting
        .run(&app, &["update"])
        .expect_success()
        .expect_stdout(&format!("{INSTALLED}2.0 update\n"));
}

#[test]
fn what_is_not_signed_for_this_app_is_refused() {
    let setting = Setting::new("update-refused");
    let app = setting.app();
    let second = setting.seal("2.0", "");
    let good = setting.manifest(&second, "acme.key");
    let file = fs::read(&second).unwrap();
    let platform = |change: &dyn Fn(&mut Value)| {
        let mut manifest = good.clone();
        change(&mut manifest["platforms"]["linux-x86_64"]);
        manifest
    };
    let with = |key: &str, value: Value| {
        let mut manifest = good.clone();
        manifest[key] = value;
        manifest
    };
    setting.server.set("/words", Answer::File(file.clone()));
    let old = setting.manifest(&app, "acme.key");
    let mut relabelled = old.clone();
    relabelled["version"] = "9.0".into();
    for (manifest, expected) in [
        (
            setting.manifest(&second, "other.key"),
            "BadSignature: version 2.0 is not signed with the key",
        ),
        (relabelled, "BadSignature: version 9.0"),
        (
            with("app", "org.example.other".into()),
            "OtherApp: the manifest is of 'org.example.other'",
        ),
        (platform(&|p| p["size"] = 5.into()), "BadSignature"),
        (
            platform(&|p| p["signature"] = "AAAA".into()),
            "BadSignature",
        ),
        (platform(&|p| p["signature"] = "!".into()), "BadSignature"),
        (
            platform(&|p| p["size"] = true.into()),
            "BadManifest: the manifest has no good 'size'",
        ),
        (
            platform(&|p| p["url"] = 1.into()),
            "BadManifest: the manifest has no good 'url'",
        ),
        (
            with("version", "newest".into()),
            "BadManifest: the manifest's version 'newest' is none",
        ),
        (
            with("platforms", 1.into()),
            "BadManifest: the manifest has no `platforms`",
        ),
        (
            platform(&|p| p["url"] = "http://example.org/words".into()),
            "Unreachable: http://example.org/words is not asked",
        ),
        (
            platform(&|p| p["url"] = "file:///etc/passwd".into()),
            "Unreachable: file:///etc/passwd is not asked",
        ),
        (
            platform(&|p| p["url"] = "gone".into()),
            "/gone answers 404 Not Found",
        ),
        // No error, and no update either.
        (old, "nothing new"),
        (with("platforms", serde_json::json!({})), "nothing new"),
    ] {
        setting.announce(&manifest);
        setting.refuses(&app, &[], expected);
    }
    for (answer, expected) in [
        (
            Answer::File(b"<html>".to_vec()),
            "BadManifest: the manifest is not JSON",
        ),
        (
            Answer::File(b"[]".to_vec()),
            "BadManifest: the manifest is no object",
        ),
        (
            Answer::File(vec![b'['; 1 << 20]),
            "BadManifest: the manifest is not JSON",
        ),
        (
            Answer::File(vec![b' '; (1 << 20) + 1]),
            "BadManifest: the manifest has more than 1048576 bytes",
        ),
        (
            Answer::Redirect("http://example.org/".into()),
            "Unreachable: http://example.org/ is not asked: updates come by https",
        ),
    ] {
        setting.server.set("/latest.json", answer);
        setting.refuses(&app, &[], expected);
    }
    setting.refuses(
        &app,
        &["http://example.org/"],
        "Unreachable: http://example.org/ is not asked",
    );
    setting.refuses(
        &app,
        &["http://127.0.0.1:1/"],
        "Unreachable: http://127.0.0.1:1/ cannot be reached",
    );

    setting.announce(&good);
    let mut changed = file.clone();
    *changed.last_mut().unwrap() ^= 1;
    let half = file.len() / 2;
    for (answer, expected) in [
        (
            Answer::File(changed),
            "Damaged: the file is not the one that was signed",
        ),
        (
            Answer::File([&file[..], b"more"].concat()),
            "Damaged: the file has more than the",
        ),
        (
            Answer::File(file[..half].to_vec()),
            "Damaged: the file ended after",
        ),
        (
            Answer::Cut(file.clone(), half),
            "Damaged: the file ended after",
        ),
        (
            Answer::Redirect("ftp://example.org/".into()),
            "Unreachable: ftp://example.org/ is not asked",
        ),
    ] {
        setting.server.set("/words", answer);
        setting.refuses(&app, &[], expected);
    }
    // And now everything is right.
    setting.server.set("/words", Answer::File(file));
    setting
        .run(&app, &["update"])
        .expect_stdout(&format!("{INSTALLED}2.0 update\n"));
}

#[test]
fn a_file_that_does_not_start_here_or_cannot_be_replaced() {
    let setting = Setting::new("update-cannot");
    let app = setting.app();
    // A runtime for a system that has another loader.
    let mut runtime = fs::read(release("pyxidium-runtime")).unwrap();
    let loader = b"/lib64/ld-linux-x86-64.so.2";
    let at = runtime
        .windows(loader.len())
        .position(|w| w == loader)
        .unwrap();
    runtime[at + loader.len() - 1] = b'9';
    setting.context.write("runtime", runtime);
    let strange = setting.seal_main("2.0", "print('never')\n", &["--runtime", "runtime"]);
    setting.offer(&strange);
    setting.refuses(&app, &[], "DoesNotStart: version 2.0 does not run here");

    setting.offer(&setting.seal("2.0", ""));
    let download = app.with_file_name(".words.download");
    let held = fs::File::create(&download).unwrap();
    held.lock().unwrap();
    let outcome = setting.run(&app, &["update"]);
    outcome.expect_stdout("found 2.0 looks better\nBusy: another process is updating this app\n");
    drop(held);
    fs::remove_file(&download).unwrap();
    fs::create_dir(&download).unwrap();
    let outcome = setting.run(&app, &["update"]);
    assert!(outcome.stdout().contains("CannotReplace: "), "{outcome}");
    assert!(
        outcome.stdout().contains("/words cannot be replaced"),
        "{outcome}"
    );
    fs::remove_dir(&download).unwrap();
    setting
        .run(&app, &["update"])
        .expect_stdout(&format!("{INSTALLED}2.0 update\n"));
}

#[test]
fn a_version_that_fails_at_its_first_start_goes_back() {
    let setting = Setting::new("update-back");
    for (start, said) in [
        ("raise RuntimeError('broken')", "RuntimeError: broken"),
        ("import os\nos.abort()", ""),
        (
            "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
            "",
        ),
    ] {
        let app = setting.app();
        let first = fs::read(&app).unwrap();
        setting.offer(&setting.seal("2.0", start));
        let outcome = setting.run(&app, &["update"]);
        outcome.expect_stderr(&[said]);
        assert_ne!(outcome.code, Some(0), "{outcome}");
        assert_eq!(beside(&app), [".words.previous", ".words.update", "words"]);
        // The next start is that of the version before.
        let outcome = setting.run(&app, &["x"]);
        outcome.expect_success().expect_stdout("1.0 x\n");
        outcome.expect_stderr(&["words 2.0 did not start well: 1.0 is back"]);
        assert!(fs::read(&app).unwrap() == first);
        // It is not offered again, and the next one is.
        setting
            .run(&app, &["update"])
            .expect_stdout("nothing new\n");
        setting.offer(&setting.seal("2.1", ""));
        let outcome = setting.run(&app, &["update"]);
        outcome.expect_stdout("found 2.1 looks better\ninstalled\n2.1 update\n");
        assert_eq!(beside(&app), ["words"]);
    }
}

#[test]
fn a_version_that_says_that_it_works_stays() {
    let setting = Setting::new("update-confirmed");
    let app = setting.app();
    let start = "update.confirm()\nimport os\nif sys.argv[1] == 'update':\n    os.abort()";
    setting.offer(&setting.seal("2.0", start));
    setting.run(&app, &["update"]);
    assert_eq!(beside(&app), ["words"]);
    let outcome = setting.run(&app, &["x"]);
    outcome.expect_stdout("2.0 x\n");

    // Neither processes that it starts of itself nor Ctrl-C count as starts that failed.
    let app = setting.app();
    let start = "import subprocess\nfor _ in range(2):\n    subprocess.run([sys.executable, '-c', 'print(3)'], check=True)\n\
        raise KeyboardInterrupt";
    setting.offer(&setting.seal("2.0", start));
    let outcome = setting.run(&app, &["update"]);
    assert!(
        outcome.stdout().ends_with("3\n3\n2.0 update\n"),
        "{outcome}"
    );
    assert_eq!(beside(&app), ["words"]);
}

/// The record names the program below HOME, the running process where links lead to.
#[test]
fn a_home_folder_may_be_a_link() {
    let setting = Setting::new("update-linked-home");
    let home = setting.context.join("linked-home");
    std::os::unix::fs::symlink(setting.context.home(), &home).unwrap();
    let run = |app: &Path, argument: &str| {
        let mut command = setting.context.command(app);
        command.env("HOME", &home).env_remove("XDG_DATA_HOME");
        command.arg(argument);
        Spec::of(command).run()
    };
    run(&setting.app(), "--install").expect_success();
    let program = home.join(".local/bin/words");
    setting.offer(&setting.seal("2.0", ""));
    run(&program, "update").expect_stdout(&format!("{INSTALLED}2.0 update\n"));
    let outcome = run(&program, "--uninstall");
    outcome
        .expect_success()
        .expect_stdout("Removed words; its data stays\n");
    assert!(!program.exists(), "it was not taken for changed");
}

/// A version with a title, a picture of its own and an extension for menus, which opens its window only when it is asked to:
/// that is tested elsewhere, and wants a display.
fn seal_for_menus(setting: &Setting, version: &str, extension: &str, start: &str) -> PathBuf {
    use pyxidium_tests::context::workspace;

    let url = setting.server.url("/latest.json");
    let toml = format!(
        "[project]\nname = \"words\"\nversion = \"{version}\"\ndescription = \"As of {version}\"\n\
         [tool.pyxidium]\nidentifier = \"org.example.words\"\n\
         [tool.pyxidium.update]\nkey = \"../acme.pub\"\nurl = \"{url}\"\n\
         [tool.pyxidium.install]\nfile-types = [{{ extension = \"{extension}\" }}]\n"
    );
    setting.context.write("project/pyproject.toml", toml);
    setting
        .context
        .write("project/ui/index.html", "<!doctype html><p>words");
    let mut icon = fs::read(workspace().join("app_py/studio/icon.png")).unwrap();
    // Behind its end a picture may hold anything.
    icon.extend(version.as_bytes());
    setting.context.write("project/icon.png", icon);
    let window = format!(
        "import pyxidium as px\nif len(sys.argv) > 9:\n    \
         px.window(title='Words {version}', ui='ui', icon='icon.png')\n"
    );
    let main = APP
        .replace("1.0", version)
        .replace("UPDATES", if version == "1.0" { "True" } else { "False" });
    let main = format!("{main}\n{window}\n{start}\n");
    setting.context.write("project/__main__.py", main);
    fs::copy(release("pyxidium-runtime"), setting.context.join("runtime")).unwrap();
    let file = format!("made/words-{version}");
    let args = ["build", "project", "-o", &file, "--runtime", "runtime"];
    setting.context.run_pyxidium(args).expect_success();
    setting.context.join(file)
}

#[test]
fn what_was_installed_stays_installed_and_is_shown_as_the_new_version() {
    let setting = Setting::new("update-installed");
    let home = setting.context.home();
    let program = home.join(".local/bin/words");
    let data = home.join(".local/share");
    let entry = data.join("applications/org.example.words.desktop");
    let kinds = data.join("mime/packages/org.example.words.xml");
    let icons = data.join("icons/hicolor");
    let shown = |path: &Path| fs::read_to_string(path).unwrap();
    let is_of = |version: &str, extension: &str| {
        let text = shown(&entry);
        for line in [
            &format!("Name=Words {version}"),
            &format!("Comment=As of {version}"),
            // The value is quoted, since it is a path.
            &format!("Exec=\"{}\" %F", program.display()),
        ] {
            assert!(text.lines().any(|l| l == line), "{line} in {text}");
        }
        assert!(
            shown(&kinds).contains(&format!("*.{extension}\"")),
            "{version}"
        );
        let icon = icons.join("256x256/apps/org.example.words.png");
        assert!(
            fs::read(icon).unwrap().ends_with(version.as_bytes()),
            "{version}"
        );
    };
    let first = seal_for_menus(&setting, "1.0", "words", "");
    setting.run(&first, &["--install"]).expect_success();
    is_of("1.0", "words");
    // A version that does not come through its first start changes nothing that anybody sees.
    setting.offer(&seal_for_menus(
        &setting,
        "1.5",
        "half",
        "raise RuntimeError('no')",
    ));
    setting
        .run(&program, &["update"])
        .expect_stderr(&["RuntimeError: no"]);
    is_of("1.0", "words");
    setting
        .run(&program, &[])
        .expect_success()
        .expect_stdout("1.0\n");
    is_of("1.0", "words");

    setting.offer(&seal_for_menus(&setting, "2.0", "words2", ""));
    setting
        .run(&program, &["update"])
        .expect_success()
        .expect_stdout(&format!("{INSTALLED}2.0 update\n"))
        .expect_stderr(&[]);
    is_of("2.0", "words2");
    let outcome = setting.run(&program, &["--uninstall"]);
    outcome.expect_success();
    let left: Vec<_> = [&program, &entry, &kinds, &icons]
        .into_iter()
        .filter(|p| p.exists())
        .collect();
    assert!(left.is_empty(), "{left:?}\n{outcome}");

    // What the user has made of it is theirs, and so is what was never installed.
    setting.run(&first, &["--install"]).expect_success();
    fs::write(&entry, "[Desktop Entry]\nName=Mine\n").unwrap();
    fs::remove_file(&kinds).unwrap();
    setting
        .run(&program, &["update"])
        .expect_stdout(&format!("{INSTALLED}2.0 update\n"));
    assert_eq!(shown(&entry), "[Desktop Entry]\nName=Mine\n");
    assert!(!kinds.exists());
    let outcome = setting.run(&program, &["--uninstall"]);
    assert!(
        outcome.stdout().contains("was changed since, and stays"),
        "{outcome}"
    );
    assert!(!program.exists() && entry.exists());
}

#[test]
fn sealing_and_announcing_say_what_is_missing() {
    let setting = Setting::new("update-errors");
    let build = |toml: &str| {
        setting.context.write("project/pyproject.toml", toml);
        setting.context.write(
            "project/__main__.py",
            "from pyxidium import update\nupdate.check()\n",
        );
        setting
            .context
            .run_pyxidium(["build", "project", "-o", "out"])
    };
    let table = "[tool.pyxidium.update]\nkey = \"../acme.pub\"\n";
    build(&format!("{table}url = \"http://example.org/\"\n"))
        .expect_code(1)
        .expect_stderr(&[
            "pyproject.toml, line 3: `http://example.org/` is no address for updates",
        ]);
    build(&format!("{table}url = \"https://example.org/\"\n"))
        .expect_code(1)
        .expect_stderr(&[
            "error: an app that updates itself must have a version",
            "hint: set `version`",
        ]);
    let project = "[project]\nname = \"words\"\nversion = \"1\"\n";
    build(&format!(
        "{project}{}url = \"https://example.org/\"\n",
        table.replace(".pub", ".key")
    ))
    .expect_code(1)
    .expect_stderr(&["this is a private key"]);
    build(project).expect_success();
    let out = setting.context.join("out");
    setting
        .run(&out, &[])
        .expect_code(1)
        .expect_stderr(&["NotConfigured: this app does not update itself"]);
    let announce = |file: &Path, url: &str| {
        let file = file.to_str().unwrap();
        setting
            .context
            .run_pyxidium(["update-manifest", file, "--key", "acme.key", "--url", url])
    };
    announce(&out, "words")
        .expect_code(1)
        .expect_stderr(&["out does not update itself", "hint: seal it with `key`"]);
    let app = setting.app();
    announce(&app, "http://example.org/words")
        .expect_code(1)
        .expect_stderr(&["is no address for updates"]);
    announce(&app, "https://example.org/words").expect_success();
    let file = app.to_str().unwrap();
    let outcome = setting.context.run_pyxidium([
        "update-manifest",
        file,
        "--key",
        "other.key",
        "--url",
        "words",
        "-o",
        "latest.json",
    ]);
    outcome
        .expect_success()
        .expect_stderr(&["holds another key"]);
    assert!(setting.context.join("latest.json").is_file());
}
