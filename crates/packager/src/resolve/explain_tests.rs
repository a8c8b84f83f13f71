//! What installers print, as they print it, and the errors made of it.

use std::path::Path;

use recipe::{Origin, Requirement};

use super::super::{Options, key};
use super::explain;
use crate::{Error, Fault};

/// The message and hint for an output, with requirements in app.py from line 3 on.
fn check(requirements: &[&str], said: &str, expected: &str) -> Error {
    let stated: Vec<Requirement> = requirements
        .iter()
        .zip(3..)
        .map(|(text, line)| Requirement {
            text: (*text).to_owned(),
            origin: Origin {
                path: Path::new("app.py").into(),
                line,
            },
        })
        .collect();
    let asked = key::read(&stated, &[]).unwrap();
    let exists = |package: &str| Some(package == "sourceonly");
    let python = crate::testing::python();
    let error = explain("pip", &python, &asked, &Options::default(), said, &exists);
    assert_eq!(error.to_string(), expected);
    error
}

#[test]
fn hashes() {
    check(
        &["mdurl==0.1.2 --hash=sha256:00008a41", "six"],
        "Resolved 14 packages in 70ms\nerror: Failed to download `mdurl==0.1.2`\n  cause: Hash mismatch for `mdurl==0.1.2`\n",
        "what was found of mdurl (app.py, line 3) is not what its hash says",
    );
    check(
        &["six", "anyio==4.16.0 --hash=sha256:006ae634"],
        "Collecting anyio==4.16.0 (from -r stated.txt (line 1))\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE \
         REQUIREMENTS FILE. If you have updated the package versions, please update the hashes. Otherwise, examine the \
         package contents carefully; someone may have tampered with them.\n    anyio==4.16.0 from https://x/anyio.whl \
         (from -r stated.txt (line 1)):\n        Expected sha256 00\n",
        "what was found of anyio (app.py, line 4) is not what its hash says",
    );
}

#[test]
fn pip() {
    check(
        &["nothing-here"],
        "Looking in links: /x\nERROR: Could not find a version that satisfies the requirement nothing-here (from versions: none)\n\
         ERROR: No matching distribution found for nothing-here\n",
        "no package named nothing-here (app.py, line 3) was found",
    );
    check(
        &["six", "sourceonly>=1"],
        "ERROR: Could not find a version that satisfies the requirement sourceonly>=1 (from versions: none)\n\
         ERROR: No matching distribution found for sourceonly>=1\n",
        "sourceonly (app.py, line 4) has no wheel for Python 3.13 on this platform",
    );
    check(
        &["numpy==99"],
        "ERROR: Could not find a version that satisfies the requirement numpy==99 (from versions: 2.1.0, 2.5.5)\n\
         ERROR: No matching distribution found for numpy==99\n",
        "no version of numpy satisfies `numpy==99` (app.py, line 3)",
    );
    check(
        &["a", "b"],
        "ERROR: Cannot install a and b because these package versions have conflicting dependencies.\n\
         ERROR: ResolutionImpossible: for help visit ...\n",
        "the requirements cannot be satisfied together",
    );
    check(
        &["./foo-1.0-cp39-cp39-win_amd64.whl"],
        "ERROR: foo-1.0-cp39-cp39-win_amd64.whl is not a supported wheel on this platform.\n",
        "foo-1.0-cp39-cp39-win_amd64.whl was built for another platform or Python",
    );
    check(
        &["x"],
        "ERROR: Invalid requirement: 'this is not': Expected end\n",
        "the requirements cannot be read",
    );
    let network = check(
        &["six"],
        "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('x: Failed to establish a new connection')'\n\
         ERROR: Could not find a version that satisfies the requirement six (from versions: none)\n\
         ERROR: No matching distribution found for six\n",
        "the package index cannot be reached",
    );
    assert_eq!(network.fault(), Fault::Environment);
    check(&["x"], "Killed\n", "pip could not install the packages");
}

#[test]
fn uv() {
    let head = "Using CPython 3.13.5 interpreter at: x\n  error: No solution found when resolving dependencies\n    cause: ";
    check(
        &["nothing-here"],
        &format!(
            "{head}Because nothing-here was not found in the package registry and you require nothing-here, we can\n conclude that your requirements are unsatisfiable.\n"
        ),
        "no package named nothing-here (app.py, line 3) was found",
    );
    check(
        &["Numpy==99"],
        &format!(
            "{head}Because there is no version of numpy==99 and you require numpy==99, we can conclude that your requirements are unsatisfiable.\n"
        ),
        "no version of numpy satisfies `numpy==99` (app.py, line 3)",
    );
    check(
        &["pycairo"],
        &format!(
            "{head}Because all versions of pycairo have no usable wheels and you require pycairo, we can conclude that your requirements are unsatisfiable.\n"
        ),
        "pycairo (app.py, line 3) has no wheel for Python 3.13 on this platform",
    );
    check(
        &["a"],
        &format!(
            "{head}Because you require numpy==2.0 and numpy>=2.2, we can conclude that your requirements are unsatisfiable.\n"
        ),
        "the requirements cannot be satisfied together",
    );
    check(
        &["six"],
        "error: Request failed after 3 retries in 6.1s\n  cause: Failed to fetch: http://127.0.0.1:9/simple/six/\n",
        "the package index cannot be reached",
    );
}

#[test]
fn the_tail_is_what_tells() {
    let said = (0..30).map(|i| format!("line {i}\n")).collect::<String>();
    let tail = super::tail(&format!("{said}Looking in links: x\n\n"));
    assert_eq!(tail.lines().count(), 12);
    assert!(tail.ends_with("line 29"));
}

#[test]
fn what_to_do_about_versions_without_wheels_and_code_in_c() {
    let error = check(
        &["scapy==2.4.5"],
        "ERROR: Could not find a version that satisfies the requirement scapy==2.4.5 (from versions: 2.6.0)\n\
         ERROR: No matching distribution found for scapy==2.4.5\n",
        "no version of scapy satisfies `scapy==2.4.5` (app.py, line 3)",
    );
    let hint = error.hint().unwrap();
    assert!(
        hint.contains("`pip wheel scapy==2.4.5 -w wheels`"),
        "{hint}"
    );
    let error = Error::ProjectBuild {
        path: "project".into(),
        source: crate::error::ToolOutput("fatal error: Python.h: No such file".into()),
    };
    let hint = error.hint().unwrap();
    assert!(
        hint.contains("`python3.13 -m pip wheel --no-deps -w wheels project`"),
        "{hint}"
    );
}
