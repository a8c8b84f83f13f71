//! `pyxidium profile`: what it shows of real apps, what it writes, and how it ends.

use std::fs;

use pyxidium_tests::TestContext;
use pyxidium_tests::process::Spec;
use serde_json::Value;

/// Works for a while in one function, in whatever way it is told.
const APP: &str = "\
import sys, time

def busy(seconds):
    end = time.thread_time() + seconds
    total = 0
    while time.thread_time() < end:
        for i in range(200):
            total += i * i
    return total

def main():
    print('arguments', sys.argv[1:])
    busy(0.6)
    sys.exit(3)

if __name__ == '__main__':
    main()
";

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// The function of this name in a profile.
fn function<'a>(profile: &'a Value, name: &str) -> &'a Value {
    let functions = profile["functions"].as_array().expect("functions");
    let found = functions.iter().find(|f| f["name"] == name);
    found.unwrap_or_else(|| panic!("{name} was not seen in\n{profile:#}"))
}

fn share(profile: &Value, name: &str) -> f64 {
    function(profile, name)["total"].as_f64().unwrap() / profile["busy"].as_f64().unwrap()
}

#[test]
fn a_script_is_shown_line_by_line_and_ends_as_it_would() {
    let context = TestContext::new("profile");
    context.write("app.py", APP);
    let outcome = context.run_pyxidium(["profile", "app.py", "--", "--size", "3"]);
    outcome.expect_code(3);
    let text = outcome.stdout();
    assert!(text.starts_with("arguments ['--size', '3']\n"), "{text}");
    for part in [
        "app: ",
        " samples\n",
        "busy  ",
        "app.py:3",
        "total += i * i\n",
    ] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
    assert_eq!(outcome.stderr(), "", "{outcome}");
}

#[test]
fn every_form_is_written() {
    let context = TestContext::new("profile-forms");
    context.write("app.py", APP);
    let write = |name: &str| {
        let outcome = context.run_pyxidium(["profile", "app.py", "-o", name]);
        outcome
            .expect_code(3)
            .expect_stderr(&[&format!("wrote {name}\n")]);
        fs::read_to_string(context.join(name)).unwrap()
    };
    let page = write("out/profile.html");
    assert!(page.starts_with("<!doctype html>") && page.contains("\"name\":\"busy\""));
    let folded = write("profile.folded");
    let line = folded.lines().find(|l| l.contains("busy (app.py:3)"));
    assert!(
        line.is_some_and(|l| l.starts_with("<module> (app.py:1);main (app.py:11);")),
        "{folded}"
    );
    let profile = json(&write("profile.json"));
    assert_eq!(
        (&profile["format"], &profile["version"]),
        (&"pyxidium-profile".into(), &1.into())
    );
    assert_eq!(profile["exit"], 3);
    assert!(share(&profile, "busy") > 0.8, "{profile:#}");
    let busy = function(&profile, "busy");
    assert_eq!((&busy["kind"], &busy["line"]), (&"app".into(), &3.into()));
    assert_eq!(busy["lines"][5]["text"], "            total += i * i");
}

#[test]
fn json_alone_goes_to_standard_output() {
    let context = TestContext::new("profile-json");
    context.write("app.py", APP);
    let outcome = context.run_pyxidium(["profile", "app.py", "--json"]);
    assert!(share(&json(&outcome.stdout()), "busy") > 0.8);
    assert_eq!(outcome.stderr(), "arguments []\n");
}

#[test]
fn folders_modules_and_packages() {
    let context = TestContext::new("profile-module");
    context.write(
        "words/__main__.py",
        "from words import work\nwork.busy(0.4)\n",
    );
    context.write("words/__init__.py", "");
    context.write("words/work.py", APP);
    let run = |args: &[&str]| {
        let outcome = context.run_pyxidium([&["profile", "--json"], args].concat());
        outcome.expect_success();
        json(&outcome.stdout())
    };
    let module = run(&[".", "-m", "words"]);
    assert!(share(&module, "busy") > 0.7, "{module:#}");
    assert_eq!(function(&module, "busy")["place"], "words/work.py");
    context.write("alone/__main__.py", "import time\ndef folder():\n    end = time.thread_time() + 0.3\n    while time.thread_time() < end: pass\nfolder()\n");
    assert!(share(&run(&["alone"]), "folder") > 0.7);
}

#[test]
fn processes_of_a_pool_are_seen() {
    let context = TestContext::new("profile-pool");
    let app = APP.replace(
        "    main()",
        "    import concurrent.futures, multiprocessing\n    \
         with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context('spawn')) as pool:\n        \
         list(pool.map(busy, [0.4, 0.4]))",
    );
    context.write("app.py", app);
    let outcome = context.run_pyxidium(["profile", "app.py", "--json"]);
    outcome.expect_success();
    let profile = json(&outcome.stdout());
    assert!(profile["processes"].as_u64().unwrap() >= 2, "{profile:#}");
    assert!(
        function(&profile, "busy")["total"].as_f64().unwrap() > 0.5,
        "{profile:#}"
    );
}

#[test]
fn ctrl_c_shows_what_was_seen() {
    let context = TestContext::new("profile-interrupt");
    let endless = "print('ready', flush=True)\ndef endless():\n    while True: pass\nendless()\n";
    context.write("app.py", endless);
    let mut command = context.pyxidium();
    command.args(["profile", "app.py"]);
    // As from a terminal: the app hears it, too.
    let outcome = Spec::of(command).signal(libc::SIGINT, "ready").run();
    let text = outcome.stdout();
    assert!(text.contains("endless"), "{outcome}");
    assert!(text.contains("; stopped"), "{outcome}");
}

#[test]
fn an_app_that_fails_is_still_shown() {
    let context = TestContext::new("profile-fails");
    context.write(
        "app.py",
        APP.replace("sys.exit(3)", "raise ValueError('not today')"),
    );
    let outcome = context.run_pyxidium(["profile", "app.py"]);
    outcome
        .expect_code(1)
        .expect_stderr(&["ValueError: not today\n"]);
    assert!(outcome.stdout().contains("app.py:3"), "{outcome}");
    context.write("gone.py", "import os\nos._exit(4)\n");
    context.run_pyxidium(["profile", "gone.py"]).expect_code(4);
}

#[test]
fn a_kernel_is_measured_on_recorded_calls() {
    let context = TestContext::new("profile-measure");
    let app = "from math import sqrt\ndef heavy(n: int) -> float:\n    total = 0.0\n    for i in range(n):\n        \
               total += sqrt(i * 0.5)\n    return total\nfor k in range(100):\n    heavy(200_000 + k)\n";
    context.write("app.py", app);
    let outcome = context.run_pyxidium(["profile", "app.py", "--measure", "heavy", "--json"]);
    outcome.expect_success();
    let gain = json(&outcome.stdout());
    assert_eq!(gain["equal"], true, "{gain:#}");
    assert_eq!(gain["calls"][4], "heavy(200004)");
    assert!(gain["factor"].as_f64().unwrap() > 5.0, "{gain:#}");

    let outcome = context.run_pyxidium(["profile", "app.py", "--measure", "hevy"]);
    outcome.expect_code(1);
    assert_eq!(
        outcome.stderr(),
        "error: hevy was not measured: the app ended without calling it\n\
         hint: do in the app what calls the function; a profile shows how it is named\n"
    );
}

#[test]
fn what_fits_a_kernel_is_told_and_what_does_not() {
    let context = TestContext::new("profile-check");
    let app = "import time\ndef fits(n: int) -> int:\n    total = 0\n    for i in range(n):\n        total += i\n    \
               return total\ndef texts(n: int) -> str:\n    text = ''\n    for i in range(n):\n        text = str(i)\n    \
               return text\nfits(6_000_000)\ntexts(2_000_000)\n";
    context.write("app.py", app);
    let outcome = context.run_pyxidium(["profile", "app.py", "--json"]);
    outcome.expect_success();
    let profile = json(&outcome.stdout());
    assert_eq!(
        function(&profile, "fits")["kernel"]["fits"],
        true,
        "{profile:#}"
    );
    let texts = &function(&profile, "texts")["kernel"];
    assert_eq!(texts["fits"], false, "{profile:#}");
    let line = texts["problems"][0]["line"].as_u64().expect("a line");
    assert!((7..=11).contains(&line), "{texts:#}");
}
