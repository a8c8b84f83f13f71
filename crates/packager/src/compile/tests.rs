//! With the CPython that `cargo xtask python` built: the same source gives the same bytes whatever
//! was compiled before it, and what Python rejects comes back with its place.

use super::*;
use crate::Silent;
use crate::testing::python;

fn one(name: &str, source: &[u8]) -> Outcome {
    compile(&python(), &[Job::code(name, source)], &Silent)
        .unwrap()
        .remove(0)
}

fn check_rejected(source: &[u8], expected: (u32, u32, &str, &str)) {
    match one("a.py", source) {
        Outcome::Rejected(r) => assert_eq!(
            (r.line, r.column, r.text.as_str(), r.message.as_str()),
            expected
        ),
        Outcome::Code(_) => panic!("compiled: {source:?}"),
    }
}

#[test]
fn order_and_company_do_not_change_the_bytes() {
    let folder = crate::testing::cpython().join("lib/python3.13");
    let mut sources = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "py") && sources.len() < 60 {
            sources.push((path.display().to_string(), fs_err::read(path).unwrap()));
        }
    }
    let jobs: Vec<Job<'_>> = sources
        .iter()
        .map(|(name, source)| Job::code(name, source))
        .collect();
    let forwards = compile(&python(), &jobs, &Silent).unwrap();
    let reversed: Vec<Job<'_>> = jobs.iter().rev().copied().collect();
    let mut backwards = compile(&python(), &reversed, &Silent).unwrap();
    backwards.reverse();
    for (job, (a, b)) in jobs.iter().zip(forwards.iter().zip(&backwards)) {
        assert_eq!(a, b, "{}", job.name);
    }
    assert_eq!(one(jobs[7].name, jobs[7].source), forwards[7]);
}

#[test]
fn marks_cookies_and_line_ends() {
    let plain = one("a.py", b"x = '\xc3\xa9'\n");
    assert!(matches!(plain, Outcome::Code(_)));
    assert_eq!(one("a.py", b"\xef\xbb\xbfx = '\xc3\xa9'\n"), plain);
    assert_eq!(one("a.py", b"x = '\xc3\xa9'\r\n"), plain);
    assert!(matches!(
        one("a.py", b"# coding: latin-1\nx = '\xe9'\n"),
        Outcome::Code(_)
    ));
    assert!(matches!(one("a.py", b""), Outcome::Code(_)));
}

#[test]
fn rejections_say_where() {
    check_rejected(
        b"x = 1\nprint(\n",
        (2, 6, "print(", "SyntaxError: '(' was never closed"),
    );
    check_rejected(
        b"def f():\n\tx\n        y\n",
        (
            3,
            1,
            "        y",
            "TabError: inconsistent use of tabs and spaces in indentation",
        ),
    );
    check_rejected(
        b"print 'old'\n",
        (
            1,
            1,
            "print 'old'",
            "SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?",
        ),
    );
    match one("a.py", b"x = '\xe9'\n") {
        Outcome::Rejected(r) => assert!(r.message.contains("utf-8"), "{r:?}"),
        Outcome::Code(_) => panic!("not UTF-8"),
    }
}

#[test]
fn many_sources_on_all_cores() {
    let sources: Vec<(String, String)> = (0..300)
        .map(|i| (format!("m{i}.py"), format!("x = {i}\n")))
        .collect();
    let jobs: Vec<Job<'_>> = sources
        .iter()
        .map(|(n, s)| Job::code(n, s.as_bytes()))
        .collect();
    let outcomes = compile(&python(), &jobs, &Silent).unwrap();
    assert_eq!(outcomes.len(), 300);
    assert_eq!(outcomes[123], one("m123.py", b"x = 123\n"));
    assert!(compile(&python(), &[], &Silent).unwrap().is_empty());
}

#[test]
fn a_python_that_dies_is_our_fault_and_says_so() {
    let mut broken = python();
    broken.program = "/bin/false".into();
    let error = compile(&broken, &[Job::code("a.py", b"")], &Silent).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the Python that compiles the sources failed: at a.py: "),
        "{error}"
    );
    broken.program = "/nonexistent/python".into();
    let error = compile(&broken, &[Job::code("a.py", b"")], &Silent).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("cannot start /nonexistent/python"),
        "{error}"
    );
    assert_eq!(error.fault(), crate::Fault::Internal);
}

#[test]
fn kept_answers_are_used_and_damaged_ones_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path());
    let jobs = [Job::code("a.py", b"x = 1\n")];
    let first = compile_cached(&python(), &cache, &jobs, &Silent).unwrap();
    let mut unusable = python();
    unusable.program = "/bin/false".into();
    assert_eq!(
        compile_cached(&unusable, &cache, &jobs, &Silent).unwrap(),
        first
    );
    for entry in fs_err::read_dir(folder.path().join("code")).unwrap() {
        for file in fs_err::read_dir(entry.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let mut bytes = fs_err::read(&path).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            fs_err::write(path, bytes).unwrap();
        }
    }
    assert_eq!(
        compile_cached(&python(), &cache, &jobs, &Silent).unwrap(),
        first
    );
}

fn check_uses(source: &str, expected: &str) {
    let job = Job::uses("a.py", source.as_bytes());
    match compile(&python(), &[job], &Silent).unwrap().remove(0) {
        Outcome::Code(json) => assert_eq!(String::from_utf8(json).unwrap(), expected, "{source}"),
        Outcome::Rejected(r) => panic!("{source}: {}", r.message),
    }
}

#[test]
fn calls_of_window_whatever_it_is_called() {
    let one = r#"{"names":{"window":2},"windows":[{"line":2,"inside":false,"arguments":[]}]}"#;
    check_uses("import pyxidium as px\npx.window()\n", one);
    check_uses("import pyxidium\npyxidium.window()\n", one);
    check_uses("import pyxidium.dialog, os\npyxidium.window()\n", &{
        one.replace(r#""window":2"#, r#""dialog":1,"window":2"#)
    });
    check_uses(
        "from pyxidium import window as w\nw()\n",
        &one.replace(r#""window":2"#, r#""window":1"#),
    );
    let none = r#"{"names":{},"windows":[]}"#;
    check_uses("px.window()\n", none);
    check_uses("import other as px\npx.window()\n", none);
    check_uses("from .pyxidium import window\nwindow()\n", none);
    check_uses("import pyxidium as px\n'px.window()'\n", none);
}

#[test]
fn calls_at_the_top_come_before_those_in_functions() {
    check_uses(
        "import pyxidium as px\ndef f():\n    px.window()\nif __name__ == '__main__':\n    px.window()\n",
        r#"{"names":{"window":3},"windows":[{"line":5,"inside":false,"arguments":[]},{"line":3,"inside":true,"arguments":[]}]}"#,
    );
}

#[test]
fn arguments_are_literals_or_unknown() {
    let arguments = [
        ("title='a\"\u{e9}' 'b'", r#"title 1 "a\"\u00e9b""#),
        ("size=(1, -2.5)", "size 1 [1,-2.5]"),
        (
            "resizable=True, label=None",
            "resizable 1 true label 1 null",
        ),
        ("origins=['x',\n y]", r#"origins 1 ["x",{}]"#),
        (
            "title=f'{x}', size=(w(), 1e999)",
            "title 1 {} size 1 [{},{}]",
        ),
        ("\n ui='u', **more", r#"ui 2 "u""#),
    ];
    for (written, expected) in arguments {
        let source = format!("import pyxidium as px; px.window({written})\n");
        let job = Job::uses("a.py", source.as_bytes());
        let Outcome::Code(json) = compile(&python(), &[job], &Silent).unwrap().remove(0) else {
            panic!("{source}")
        };
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let arguments = json["windows"][0]["arguments"].as_array().unwrap();
        let shown: Vec<String> = arguments
            .iter()
            .map(|a| {
                format!(
                    "{} {} {}",
                    a["key"].as_str().unwrap(),
                    a["line"],
                    a["value"]
                )
            })
            .collect();
        let expected = expected.replace('\u{e9}', "\\u00e9");
        let json = |text: &str| text.replace("\\u00e9", "\u{e9}");
        assert_eq!(json(&shown.join(" ")), json(&expected), "{source}");
    }
}
