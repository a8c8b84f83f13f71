//! uv where it is on PATH, else Pyxidium's own pip: either way the same file comes out.
//! With the real dist/pyxidium and the real uv, which our own pip installs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn pyxidium() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist/pyxidium");
    assert!(path.is_file(), "run `cargo xtask dist` first");
    path
}

fn checked(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}");
    output
}

#[test]
fn uv_and_pip_give_the_same_file() {
    if std::env::var_os("PYXIDIUM_TESTS_OFFLINE").is_some_and(|v| !v.is_empty() && v != "0") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut install = Command::new(pyxidium());
    install.args([
        "python",
        "-m",
        "pip",
        "install",
        "-q",
        "--root-user-action",
        "ignore",
    ]);
    checked(
        install
            .args(["--only-binary", ":all:", "uv", "--target"])
            .arg(path("uv")),
    );

    let script = "# /// script\n# dependencies = [\"idna==3.10\", \"six==1.17.0\"]\n# ///\n\
                  import idna, six\nprint(idna.__version__, six.__version__)\n";
    std::fs::write(path("app.py"), script).unwrap();
    let build = |output: &str, folders: &[PathBuf]| {
        let mut command = Command::new(pyxidium());
        command
            .args(["build", "-v", "app.py", "-o", output])
            .current_dir(folder.path());
        // Each installer starts from nothing, so that it lays the packages down itself.
        command.env("PYXIDIUM_CACHE", path(&format!("{output}.cache")));
        command.env("PATH", std::env::join_paths(folders).unwrap());
        let said = checked(&mut command);
        (
            String::from_utf8_lossy(&said.stderr).into_owned(),
            std::fs::read(path(output)).unwrap(),
        )
    };
    let system = ["/usr/bin", "/bin"].map(PathBuf::from);
    let (said, by_uv) = build("by-uv", &[&[path("uv/bin")], &system[..]].concat());
    assert!(said.contains("installing packages with uv"), "{said}");
    let (said, by_pip) = build("by-pip", &system);
    assert!(said.contains("installing packages with pip"), "{said}");
    assert!(by_uv == by_pip, "uv and pip give different files");

    let run = checked(&mut Command::new(path("by-uv")));
    assert_eq!(String::from_utf8_lossy(&run.stdout), "3.10 1.17.0\n");
}
