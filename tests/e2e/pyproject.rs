//! Projects with a pyproject.toml: packages that a lock file names with their hashes, and back ends that build the
//! project itself.

use std::fs;

use pyxidium_tests::TestContext;
use pyxidium_tests::context::workspace;

const CAT: &str = "97dcf087466219f72797813390597fa0073ae3d845085fb6f823fe29cc8ec8a7";
const GADGET: &str = "f943bc848c4b7ebfea4a6e996c4c8b9480228bec1c07ad09eff15d82f3e52d11";

/// What uv writes of a project that needs `gadget`, which needs `zoo-cat`.
fn lock(gadget: &str) -> String {
    let package = |name: &str, version: &str, hash: &str, dependencies: &str| {
        format!(
            "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = {{ registry = \"https://index.test\" }}\n\
             dependencies = [{dependencies}]\nwheels = [{{ url = \"{name}.whl\", hash = \"sha256:{hash}\" }}]\n\n"
        )
    };
    format!(
        "version = 1\nrequires-python = \">=3.11\"\n\n{}{}[[package]]\nname = \"locked\"\nversion = \"1.0\"\n\
         source = {{ virtual = \".\" }}\ndependencies = [{{ name = \"gadget\" }}]\n\n\
         [package.metadata]\nrequires-dist = [{{ name = \"gadget\" }}]\n",
        package("gadget", "1.2.3", gadget, "{ name = \"zoo-cat\" }"),
        package("zoo-cat", "1.0", CAT, ""),
    )
}

#[test]
fn a_lock_file_says_what_goes_in_to_the_byte() {
    let context = TestContext::new("locked");
    let wheels = workspace().join("tests/fixtures/wheels");
    let wheels = wheels.to_str().unwrap();
    context.write(
        "app/pyproject.toml",
        "[project]\nname = \"locked\"\ndependencies = [\"gadget\"]\n",
    );
    let main = "from importlib.metadata import distributions\nprint(sorted(d.name for d in distributions()))\n";
    context.write("app/__main__.py", main);
    context.write("app/uv.lock", lock(GADGET));
    let args = [
        "build",
        "app",
        "-o",
        "sealed",
        "--offline",
        "--find-links",
        wheels,
    ];
    context.run_pyxidium(args).expect_success();
    let sealed = context.join("sealed");
    context
        .run(&sealed, [""; 0])
        .expect_success()
        .expect_stdout("['gadget', 'zoo_cat']\n");

    // Another file than the one that was locked does not go in; what was there stays.
    let before = fs::read(&sealed).unwrap();
    context.write("app/uv.lock", lock(&GADGET.replace('f', "0")));
    let refused = context.run_pyxidium(args);
    refused.expect_code(1).expect_stderr(&[
        "error: what was found of gadget (app/uv.lock, line 5) is not what its hash says\n",
        "hint: the file was changed after the hash was written",
    ]);
    assert!(fs::read(&sealed).unwrap() == before);
}

/// A back end of the project's own: it leaves `notes.py` out, and writes a module that is in no source.
const BACK_END: &str = r##"
import os
import zipfile

NAME = "thing-2.5-py3-none-any.whl"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    files = {
        "thing/__init__.py": open("src/thing/__init__.py").read(),
        "thing/made.py": "WHO = 'the back end'\n",
        "thing/extra.txt": "data\n",
        "thing-2.5.data/purelib/beside.py": "PLACE = 'beside'\n",
        "thing-2.5.data/scripts/thing": "#!python\n",
        "thing-2.5.dist-info/METADATA": "Metadata-Version: 2.1\nName: thing\nVersion: 2.5\n",
        "thing-2.5.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "thing-2.5.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(os.path.join(wheel_directory, NAME), "w") as wheel:
        for name, text in files.items():
            wheel.writestr(zipfile.ZipInfo(name), text)
    print("built")
    return NAME
"##;

const THING: &str = r#"
import importlib.metadata
from pathlib import Path

def main():
    import beside
    from . import made
    here = Path(__file__).parent
    print(made.WHO, beside.PLACE, importlib.metadata.version("thing"), sorted(p.name for p in here.iterdir()))
    print((here.parent / "more/readme.txt").read_text())
"#;

#[test]
fn a_project_with_a_back_end_is_what_that_builds() {
    let context = TestContext::new("back-end");
    let toml = "[project]\nname = \"thing\"\nversion = \"2.5\"\n[project.scripts]\nthing = \"thing:main\"\n\
                [build-system]\nrequires = []\nbuild-backend = \"back_end\"\nbackend-path = [\"build\"]\n\
                [tool.pyxidium]\ninclude = [\"more/*.txt\"]\n";
    context.write("thing/pyproject.toml", toml);
    context.write("thing/build/back_end.py", BACK_END);
    context.write("thing/src/thing/__init__.py", THING);
    context.write("thing/src/thing/notes.py", "");
    context.write("thing/src/more/readme.txt", "read me");
    context
        .run_pyxidium(["build", "thing", "-o", "app"])
        .expect_success();
    let app = context.join("app");
    let ran = context.run(&app, [""; 0]);
    ran.expect_success().expect_stdout(
        "the back end beside 2.5 ['__init__.py', 'extra.txt', 'made.py']\nread me\n",
    );

    // An error in a source is told of the project's own file.
    context.write("thing/src/thing/__init__.py", "def main(:\n");
    let broken = context.run_pyxidium(["build", "thing", "-o", "app"]);
    broken
        .expect_code(1)
        .expect_stderr(&["thing/src/thing/__init__.py", "line 1"]);

    // What a back end says when it fails is shown.
    context.write("thing/src/thing/__init__.py", THING);
    context.write(
        "thing/build/back_end.py",
        "def build_wheel(*_):\n    raise OSError('no tea')\n",
    );
    let failed = context.run_pyxidium(["build", "thing", "-o", "app"]);
    failed.expect_stderr(&["OSError: no tea"]);
    assert_ne!(failed.code, Some(0));

    // As it lies there, without a back end.
    context.write("thing/pyproject.toml", format!("{toml}wheel = false\n"));
    context
        .run_pyxidium(["build", "thing", "-o", "app"])
        .expect_success();
    let ran = context.run(&app, [""; 0]);
    ran.expect_stderr(&["No module named 'beside'"]);
}
