//! `pyxidium import`: a project of PyInstaller, its spec turned into a recipe, that sealed, and run.

use std::fs;

use pyxidium_tests::TestContext;
use pyxidium_tests::context::workspace;

const APP: &str = r#"
import os
import sys

import shared

base = getattr(sys, "_MEIPASS", os.path.dirname(__file__))
with open(os.path.join(base, "conf", "words.txt")) as file:
    print(shared.NAME, file.read().strip(), sys.frozen, sorted(os.listdir(os.path.join(base, "tree"))))
import late.module
import gadget
try:
    import xml.dom
except ImportError as error:
    print(type(error).__name__)
"#;

const SPEC: &str = r#"
from PyInstaller.utils.hooks import collect_submodules

a = Analysis(["app.py"], pathex=["lib"], datas=[("data/words.txt", "conf")], excludes=["xml"],
             hiddenimports=["late.module"] + collect_submodules("gadget"))
pyz = PYZ(a.pure)
exe = EXE(pyz, a.scripts, exclude_binaries=True, name="words")
coll = COLLECT(exe, a.binaries, a.datas, Tree("tree", prefix="tree", excludes=["*.tmp"]), name="words")
"#;

#[test]
fn a_spec_becomes_a_recipe_that_builds_and_runs() {
    let context = TestContext::new("import");
    context.write("words/app.py", APP);
    context.write("words/words.spec", SPEC);
    context.write("words/lib/shared.py", "NAME = 'words'\n");
    context.write("words/late/module.py", "print('late')\n");
    context.write("words/data/words.txt", "one two\n");
    context.write("words/tree/deep/a.txt", "");
    context.write("words/tree/b.tmp", "");
    let wheels = workspace().join("tests/fixtures/wheels");
    let list = format!("--no-index\n--find-links {}\ngadget\n", wheels.display());
    context.write("words/requirements.txt", list);

    let imported = context.run_pyxidium(["import", "words/words.spec"]);
    imported
        .expect_success()
        .expect_stdout("Wrote words/pyoxidizer.bzl\n");
    imported.expect_stderr(&["collect_submodules: is not called: packages go in whole"]);
    context
        .run_pyxidium(["build", "words", "-o", "app"])
        .expect_success();
    let ran = context.run(&context.join("app"), [""; 0]);
    ran.expect_success()
        .expect_stdout("words one two True ['deep']\nlate\nModuleNotFoundError\n");

    // A recipe that is there is somebody's.
    let recipe = context.write("words/pyoxidizer.bzl", "mine");
    let refused = context.run_pyxidium(["import", "words/words.spec"]);
    refused.expect_code(1).expect_stderr(&[
        "error: words/pyoxidizer.bzl is there already\n",
        "hint: choose another file with -o, or write over it with --force",
    ]);
    assert_eq!(fs::read_to_string(&recipe).unwrap(), "mine");
    context
        .run_pyxidium(["import", "words/words.spec", "--force"])
        .expect_success();
    assert!(
        fs::read_to_string(&recipe)
            .unwrap()
            .contains("exe.script(\"app.py\"")
    );

    let missing = context.run_pyxidium(["import", "none.spec"]);
    missing.expect_code(1).expect_stderr(&["none.spec"]);
    context.write("bad.spec", "import os\nAnalysis(\n");
    let bad = context.run_pyxidium(["import", "bad.spec", "-o", "bad.bzl"]);
    bad.expect_code(1)
        .expect_stderr(&["bad.spec, line 2: SyntaxError"]);
    assert!(!context.join("bad.bzl").exists());
}
