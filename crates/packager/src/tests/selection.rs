//! What a selection leaves out: of the standard library, of packages, and that it is said.

use packed_resources::{Kind, LeftOutModules, Payload};
use recipe::{BuildPlan, Only, Part};

use super::{lay, options, plan};
use crate::{BuildOptions, Indexes, ResolveOptions, SealedFile, Silent, build};

const SITE: &str = "lib/python3.13/site-packages";

/// A wheel with a package of two modules, data and a licence.
fn wheel(folder: &std::path::Path) {
    let files: [(&str, &[u8]); 8] = [
        ("thing/__init__.py", b"from thing import used\n"),
        ("thing/used.py", b"x = 1\n"),
        ("thing/unused.py", b"y = 1\n"),
        ("thing/data/a.txt", b"a"),
        ("thing/data/b.txt", b"b"),
        (
            "thing-1.0.dist-info/METADATA",
            b"Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n",
        ),
        (
            "thing-1.0.dist-info/WHEEL",
            b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        ),
        ("thing-1.0.dist-info/licenses/LICENSE", b"do as you like"),
    ];
    let mut record = String::new();
    for (path, _) in &files {
        record += &format!("{path},,\n");
    }
    record += "thing-1.0.dist-info/RECORD,,\n";
    lay(&folder.join("wheel"), &files);
    lay(
        &folder.join("wheel"),
        &[("thing-1.0.dist-info/RECORD", record.as_bytes())],
    );
    let done = std::process::Command::new(crate::testing::python().program)
        .current_dir(folder.join("wheel"))
        .args([
            "-m",
            "zipfile",
            "-c",
            "../wheels/thing-1.0-py3-none-any.whl",
        ])
        .args(["thing", "thing-1.0.dist-info"])
        .status()
        .unwrap();
    assert!(done.success());
}

/// Takes pip from its wheel, where the built CPython has none.
const WITH_PIP: &str = r#"
import runpy, sys
arguments = sys.argv[1:]
while arguments[0] not in ("-m", "-c"):
    arguments.pop(0)
kind, what, *rest = arguments
sys.argv = [kind, *rest]
if kind == "-c":
    exec(what, {"__name__": "__main__"})
else:
    sys.path.insert(0, PIP)
    runpy.run_module(what, run_name="__main__", alter_sys=True)
"#;

/// Seals an app that uses the wheel, with a selection.
fn seal(change: impl FnOnce(&mut BuildPlan)) -> (Vec<crate::Missing>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    fs_err::create_dir(folder.path().join("wheels")).unwrap();
    wheel(folder.path());
    let app = b"# /// script\n# dependencies = ['thing']\n# ///\nimport thing\n";
    lay(folder.path(), &[("app.py", app)]);
    let mut plan = plan(folder.path(), "app.py");
    change(&mut plan);
    let pip = format!(
        "PIP = {:?}\n{WITH_PIP}",
        crate::testing::cpython().join("pip.whl")
    );
    lay(folder.path(), &[("with_pip.py", pip.as_bytes())]);
    let with_pip = folder.path().join("with_pip.py").into_os_string();
    let options = BuildOptions {
        python_program: (options().python_program.0, vec![with_pip]),
        resolve: ResolveOptions {
            indexes: Indexes {
                find_links: vec![folder.path().join("wheels").display().to_string()],
                ..Indexes::default()
            },
            offline: true,
            only_pip: true,
            ..ResolveOptions::default()
        },
        ..options()
    };
    let sealed = build(&plan, &options, &Silent).unwrap();
    let file = SealedFile::open(&sealed.path).unwrap();
    file.verify(&|_| ()).unwrap();
    let place = crate::section::elf::find(file.bytes()).unwrap();
    (sealed.missing, file.bytes()[place].to_vec())
}

fn has(payload: &Payload<'_>, path: &str) -> bool {
    let code = payload.get(Kind::Code, path).unwrap().is_some();
    let file = payload.get(Kind::File, path).unwrap().is_some();
    assert!(file || !code, "{path} has code and no source");
    file
}

fn left_out(payload: &Payload<'_>) -> LeftOutModules {
    let entry = payload
        .get(Kind::Meta, LeftOutModules::ENTRY)
        .unwrap()
        .unwrap();
    LeftOutModules::from_json(&entry.read().unwrap()).unwrap()
}

#[test]
fn named_parts_stay_out_and_are_named() {
    let (missing, bytes) = seal(|plan| {
        let selection = &mut plan.selection;
        selection.leave_out(Part::Module("json.tool".into()), "first");
        selection.leave_out(Part::Package("xml".into()), "second");
        selection.leave_out(Part::Path("lib/python3.13/wave.py".into()), "third");
        selection.leave_out(Part::Package("thing.unused".into()), "fourth: {module}");
        selection.leave_out(Part::Path(format!("{SITE}/thing/data")), "fifth");
    });
    let payload = Payload::parse(&bytes).unwrap();
    for gone in [
        "json/tool.py",
        "xml/__init__.py",
        "xml/dom/minidom.py",
        "wave.py",
    ] {
        assert!(!has(&payload, &format!("lib/python3.13/{gone}")), "{gone}");
    }
    for there in [
        "json/__init__.py",
        "json/decoder.py",
        "xmlrpc/client.py",
        "os.py",
    ] {
        assert!(has(&payload, &format!("lib/python3.13/{there}")), "{there}");
    }
    assert!(has(&payload, &format!("{SITE}/thing/used.py")));
    assert!(!has(&payload, &format!("{SITE}/thing/unused.py")));
    assert!(!has(&payload, &format!("{SITE}/thing/data/a.txt")));
    let list = left_out(&payload);
    assert_eq!(list.reason("xml").unwrap(), "second");
    assert_eq!(list.reason("thing.unused").unwrap(), "fourth: thing.unused");
    assert_eq!(list.reason("xml.dom"), None, "xml is named already");
    assert_eq!(list.reason("json"), None);
    let of = |path: &str| missing.iter().find(|m| m.path.ends_with(path)).unwrap();
    assert_eq!(of("wave.py").reason, "third");
    assert_eq!(of("wave.py").part, "(standard library)");
    assert_eq!(of("data/b.txt").part, "thing");
    assert!(of("minidom.py").stored > 0);

    let record = payload.get(Kind::File, &format!("{SITE}/thing-1.0.dist-info/RECORD"));
    let record = String::from_utf8(record.unwrap().unwrap().read().unwrap().into_owned()).unwrap();
    assert!(
        record.contains("thing/used.py") && !record.contains("unused"),
        "{record}"
    );
}

#[test]
fn a_distribution_that_stays_out_leaves_nothing() {
    let (_, bytes) = seal(|plan| {
        plan.selection
            .leave_out(Part::Distribution("Thing".into()), "not wanted");
    });
    let payload = Payload::parse(&bytes).unwrap();
    assert!(payload.manifest().unwrap().packages.is_empty());
    assert!(
        payload
            .prefix(Kind::File, &format!("{SITE}/thing"))
            .next()
            .is_none()
    );
    assert_eq!(left_out(&payload).reason("thing").unwrap(), "not wanted");
}

#[test]
fn only_what_was_seen_stays() {
    let only = |paths: &[String], keep: &[&str]| Only {
        paths: paths.iter().cloned().collect(),
        folders: [format!("{SITE}/thing/data"), "lib/python3.13/json".into()].into(),
        keep: keep.iter().map(|k| (*k).to_owned()).collect(),
        packages: [("thing".to_owned(), "0.9".to_owned())].into(),
        reason: "not seen".into(),
    };
    let paths = [
        "lib/python3.13/os.py".to_owned(),
        format!("{SITE}/thing/__init__.py"),
    ];
    let (missing, bytes) = seal(|plan| plan.selection.only = Some(only(&paths, &["xml.dom"])));
    let payload = Payload::parse(&bytes).unwrap();
    for there in [
        "lib/python3.13/os.py",
        "lib/python3.13/xml/dom/minidom.py",
        "app/app.py",
    ] {
        assert!(has(&payload, there), "{there}");
    }
    // What is kept cannot be imported without the package around it and what it imports itself.
    for there in ["__init__.py", "parsers/expat.py"] {
        let path = format!("lib/python3.13/xml/{there}");
        assert!(has(&payload, &path), "{there}");
    }
    // The package's name and terms stay with it; a folder that was looked at is still one.
    for there in ["METADATA", "RECORD", "licenses/LICENSE"] {
        let path = format!("{SITE}/thing-1.0.dist-info/{there}");
        assert!(has(&payload, &path), "{there}");
    }
    assert!(payload.is_dir(&format!("{SITE}/thing/data")).unwrap());
    assert!(payload.is_dir("lib/python3.13/json").unwrap());
    assert!(!has(&payload, "lib/python3.13/wave.py"));
    assert!(!has(&payload, &format!("{SITE}/thing/data/a.txt")));
    assert!(payload.get(Kind::Frozen, "encodings").unwrap().is_some());
    assert!(missing.iter().all(|m| m.reason == "not seen"));

    // Of a package of which nothing was seen not even the name stays.
    let (_, bytes) = seal(|plan| plan.selection.only = Some(only(&paths[..1], &[])));
    let payload = Payload::parse(&bytes).unwrap();
    assert!(payload.manifest().unwrap().packages.is_empty());
    assert!(
        payload
            .prefix(Kind::File, &format!("{SITE}/thing"))
            .next()
            .is_none()
    );
}
