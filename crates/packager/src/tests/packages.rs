//! Packages: the same whoever laid them down, a licence that is a name, packs in the cache that were damaged.

use super::*;

/// A tree as an installer lays it down, with the additions of that installer.
fn installed(root: &Path, installer: &str, shebang: &str) {
    let site = "lib/python3.13/site-packages";
    let script = format!("#!{shebang}\nimport demo\n");
    let record = format!(
        "../../../bin/demo,sha256=x{installer},9\n../../../bin/tool,,\n../../../share/demo/d.json,sha256=d,2\ndemo/__init__.py,sha256=a,6\n\
         demo/__pycache__/__init__.cpython-313.pyc,,\ndemo/old.py,sha256=o,9\ndemo/left.o,,\ndemo.pth,sha256=p,9\n\
         demo-1.0.dist-info/INSTALLER,sha256=i,3\ndemo-1.0.dist-info/METADATA,sha256=m,9\ndemo-1.0.dist-info/RECORD,,\n\
         /etc/passwd,,\n../../../../outside,,\n"
    );
    let extra = format!("{site}/demo-1.0.dist-info/uv_cache.json");
    lay(
        root,
        &[
            ("bin/demo", script.as_bytes()),
            ("bin/tool", b"\x7fELFbinary"),
            ("share/demo/d.json", b"{}"),
            (&format!("{site}/demo/__init__.py"), b"x = 1\n"),
            (
                &format!("{site}/demo/__pycache__/__init__.cpython-313.pyc"),
                b"pyc",
            ),
            (&format!("{site}/demo/old.py"), b"print 'old'\n"),
            (&format!("{site}/demo/left.o"), b"o"),
            (
                &format!("{site}/demo.pth"),
                b"# comment\ndemo\nnowhere\nimport demo; demo.start()\n",
            ),
            (
                &format!("{site}/demo-1.0.dist-info/INSTALLER"),
                installer.as_bytes(),
            ),
            (
                &format!("{site}/demo-1.0.dist-info/METADATA"),
                b"Name: demo\nVersion: 1.0\nLicense-Expression: MIT\n\nName: no\n",
            ),
            (
                &format!("{site}/demo-1.0.dist-info/RECORD"),
                record.as_bytes(),
            ),
            (&extra, b"{}"),
        ],
    );
}

#[test]
fn a_distribution_is_the_same_whoever_installed_it() {
    let read = |installer: &str, shebang: &str| {
        let folder = tempfile::tempdir().unwrap();
        installed(folder.path(), installer, shebang);
        assert_eq!(
            scan::installed(folder.path()).unwrap(),
            ["demo-1.0.dist-info"]
        );
        scan::read(folder.path(), "demo-1.0.dist-info", &[]).unwrap()
    };
    let (pip, uv) = (read("pip", "/tmp/a/python"), read("uv", "/tmp/b/python"));
    let key = |d: &scan::Distribution| crate::resolve::key::of_pack(&python(), &d.info, &d.inputs);
    assert_eq!(key(&pip), key(&uv));
    let names: Vec<&str> = pip.inputs.iter().map(|i| i.path.as_str()).collect();
    let site = "lib/python3.13/site-packages";
    assert_eq!(
        names,
        [
            "bin/tool",
            &format!("{site}/demo-1.0.dist-info/METADATA"),
            &format!("{site}/demo-1.0.dist-info/RECORD"),
            &format!("{site}/demo.pth"),
            &format!("{site}/demo/__init__.py"),
            &format!("{site}/demo/old.py"),
            "share/demo/d.json",
        ]
    );
    let record = &pip.inputs[2].data;
    assert_eq!(
        String::from_utf8_lossy(record),
        "../../../bin/tool,,\n../../../share/demo/d.json,sha256=d,2\ndemo-1.0.dist-info/METADATA,sha256=m,9\n\
         demo-1.0.dist-info/RECORD,,\ndemo.pth,sha256=p,9\ndemo/__init__.py,sha256=a,6\ndemo/old.py,sha256=o,9\n"
    );
    assert_eq!(pip.info.sys_path, [format!("{site}/demo")]);
    assert_eq!(pip.info.startup, ["import demo; demo.start()"]);
    assert_eq!(
        (pip.info.name.as_str(), pip.info.version.as_str()),
        ("demo", "1.0")
    );
    assert_eq!(pip.info.license.as_deref(), Some("MIT"));
}

#[test]
fn a_licence_is_a_name_and_not_a_text() {
    let check = |fields: &str, expected: Option<&str>| {
        let folder = tempfile::tempdir().unwrap();
        installed(folder.path(), "pip", "/python");
        let metadata = format!("Name: demo\nVersion: 1.0\n{fields}\nLicense: in the description\n");
        let path = "lib/python3.13/site-packages/demo-1.0.dist-info/METADATA";
        lay(folder.path(), &[(path, metadata.as_bytes())]);
        let read = scan::read(folder.path(), "demo-1.0.dist-info", &[]).unwrap();
        assert_eq!(read.info.license.as_deref(), expected, "{fields}");
    };
    let classifier = "Classifier: License :: OSI Approved :: BSD License\n";
    check("", None);
    check("License: MIT\n", Some("MIT"));
    check("License: UNKNOWN\n", None);
    check(
        "License-Expression: MIT OR Apache-2.0\nLicense: x\n",
        Some("MIT OR Apache-2.0"),
    );
    check(
        &format!("License: =====\n        The text\n        of it\n{classifier}"),
        Some("BSD License"),
    );
    check("License: Copyright\n        all of it\n", None);
}

#[test]
fn a_damaged_pack_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pack");
    let info = crate::pack::PackInfo {
        name: "a".into(),
        version: "1".into(),
        ..Default::default()
    };
    let input = crate::pack::Input {
        path: "a/b.txt".into(),
        source: "b.txt".into(),
        data: vec![1; 5000],
        executable: false,
        needs: Vec::new(),
    };
    let make = || {
        let input = std::slice::from_ref(&input);
        crate::pack::make(
            &python(),
            info.clone(),
            input,
            crate::pack::Effort::Package,
            &path,
            &Silent,
        )
        .unwrap();
        fs_err::read(&path).unwrap()
    };
    let bytes = make();
    let packs = [path.clone()];
    assert!(!crate::build::discard_damaged(&packs, &Silent).unwrap());
    for at in [0, 100, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs_err::write(&path, changed).unwrap();
        assert!(
            crate::build::discard_damaged(&packs, &Silent).unwrap(),
            "{at}"
        );
        assert!(!path.exists());
        assert_eq!(make(), bytes);
    }
}
