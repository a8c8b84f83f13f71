//! The Python package without a window: its own tests, and declarations for TypeScript.

use pyxidium_tests::{TestContext, context::workspace, process::Spec};

/// `python/tests`, run by the Python that apps are sealed with.
#[test]
fn the_package_passes_its_own_tests() {
    let context = TestContext::new("bridge-python-tests");
    let mut command = context.pyxidium();
    command.args(["python", "-W", "error", "-m", "unittest", "discover"]);
    command.arg(workspace().join("python/tests"));
    let outcome = Spec::of(command).run();
    outcome.expect_success().expect_stderr(&["\nOK\n"]);
}

#[test]
fn declarations_of_an_app() {
    let context = TestContext::new("bridge-types-command");
    let script = context.write(
        "app.py",
        "import pyxidium as px\n\n@px.command\ndef add(a: int, b: int = 2) -> float: return a + b\n\n\
         if __name__ == '__main__':\n    px.window(title='T', ui='ui')\n",
    );
    let types = |arguments: &[&std::ffi::OsStr]| {
        let mut command = context.pyxidium();
        command
            .args(["python", "-m", "pyxidium.types"])
            .args(arguments);
        Spec::of(command).run()
    };
    let line = "    add: { args: { a: number; b?: number }; result: number };\n";
    let outcome = types(&[script.as_os_str()]);
    assert!(
        outcome.expect_success().stdout().contains(line),
        "{outcome}"
    );
    types(&[])
        .expect_code(2)
        .expect_stderr(&["usage: python -m pyxidium.types"]);
    types(&["-m".as_ref(), "no_such_module".as_ref()])
        .expect_code(1)
        .expect_stderr(&["there is no module no_such_module to run"]);
}
