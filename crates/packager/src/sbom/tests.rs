//! Of a file that holds packages laid down by hand, sealed with a small C runtime.

use std::path::{Path, PathBuf};

use packed_resources::{EntryPoint, Item, Manifest, PackageInfo, Writer};
use serde_json::Value;

use super::*;
use crate::section::elf::Head;
use crate::{Runtime, Silent, seal, testing};

const NUMPY: &str = "numpy-2.5.5.dist-info";

/// Files, below site-packages.
const FILES: [(&str, &str); 9] = [
    (
        "numpy-2.5.5.dist-info/METADATA",
        "Name: numpy\nVersion: 2.5.5\nSummary: Arrays\n\n",
    ),
    (
        "numpy-2.5.5.dist-info/RECORD",
        "numpy/__init__.py,,\nnumpy.libs/libblas-1.so,,\n",
    ),
    (
        "numpy-2.5.5.dist-info/licenses/LICENSE.txt",
        "the licence of numpy\n",
    ),
    (
        "numpy-2.5.5.dist-info/licenses/blas/LICENSE",
        "the licence of BLAS",
    ),
    ("numpy/__init__.py", ""),
    ("numpy.libs/libblas-1.so", "\x7fELF"),
    (
        "silent-1.0.dist-info/METADATA",
        "Name: Silent\nVersion: 1.0\nRequires-Dist: NumPy>2\nRequires-Dist: absent\n\n",
    ),
    ("silent-1.0.dist-info/RECORD", "silent.py,,\n"),
    (
        "silent/vendored-9.dist-info/METADATA",
        "Name: vendored\nVersion: 9\n\n",
    ),
];

fn file(folder: &Path, more: &[(&str, &str)], components: Option<&Components>) -> PathBuf {
    let mut writer = Writer::new();
    let entry = EntryPoint::Script {
        path: "app/app.py".into(),
    };
    let mut manifest = Manifest::new("demo", "3.13.5", entry);
    manifest.version = Some("1.2".into());
    manifest.about.summary = Some("Shows things".into());
    manifest.about.license = Some("MIT".into());
    manifest.about.authors = vec!["Ann <ann@example.org>".into(), "Bo".into()];
    manifest.about.homepage = Some("https://example.org".into());
    let package = |name: &str, version: &str, license: Option<&str>| PackageInfo {
        name: name.into(),
        version: version.into(),
        license: license.map(str::to_owned),
    };
    manifest.packages = vec![
        package("numpy", "2.5.5", Some("BSD-3-Clause AND Zlib")),
        package("Silent", "1.0", None),
    ];
    writer
        .add(Item::new(Kind::Meta, Manifest::ENTRY, manifest.to_json()))
        .unwrap();
    for (path, text) in FILES.iter().chain(more) {
        let path = format!("{SITE_PACKAGES}/{path}");
        writer
            .add(Item::new(Kind::File, path, text.as_bytes()))
            .unwrap();
    }
    if let Some(components) = components {
        writer.add(components.item()).unwrap();
    }
    let stub = fs_err::read(testing::runtime(folder, &["-s"])).unwrap();
    let out = folder.join("demo");
    seal::write(&out, Head::new(&stub).unwrap(), &mut writer, &Silent).unwrap();
    out
}

fn components() -> Components {
    serde_json::from_str(crate::tests::COMPONENTS).unwrap()
}

fn bom(more: &[(&str, &str)]) -> Bom {
    let folder = tempfile::tempdir().unwrap();
    let share = components().share(&Runtime::Console, false, false);
    let file = file(folder.path(), more, Some(&share));
    sbom(&SealedFile::open(&file).unwrap()).unwrap()
}

#[test]
fn packages_then_python_then_crates() {
    let bom = bom(&[]);
    let parts: Vec<_> = bom
        .parts
        .iter()
        .map(|p| (p.kind, p.purl.as_str()))
        .collect();
    assert_eq!(
        parts,
        [
            (PartKind::Package, "pkg:pypi/numpy@2.5.5"),
            (PartKind::Package, "pkg:pypi/silent@1.0"),
            (PartKind::Python, "pkg:generic/cpython@3.13.5"),
            (PartKind::Crate, "pkg:cargo/blake3@1.8.2"),
        ]
    );
    let numpy = &bom.parts[0];
    assert_eq!(numpy.summary.as_deref(), Some("Arrays"));
    assert_eq!(numpy.bundled[0].name, "libblas-1.so");
    assert_eq!(bom.parts[1].needs, ["pkg:pypi/numpy@2.5.5"]);
    assert_eq!((bom.sha256.len(), bom.unknown.len()), (64, 0));
}

#[test]
fn a_package_that_brings_its_own_bill_of_materials_is_believed() {
    let own = r#"{"components": [
        {"name": "numpy", "version": "2.5.5"},
        {"name": "openblas", "version": "0.3.30", "purl": "pkg:generic/openblas@0.3.30"}, 7]}"#;
    let broken = "not JSON";
    let bom = bom(&[
        (&format!("{NUMPY}/sboms/auditwheel.cdx.json"), own),
        (&format!("{NUMPY}/sboms/broken.json"), broken),
    ]);
    let bundled: Vec<_> = bom.parts[0]
        .bundled
        .iter()
        .map(|b| b.name.as_str())
        .collect();
    assert_eq!(bundled, ["openblas"]);
}

#[test]
fn cyclonedx_says_it_all_and_always_the_same() {
    let text = bom(&[]).to_cyclonedx();
    assert_eq!(text, bom(&[]).to_cyclonedx());
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["specVersion"], "1.6");
    let app = &document["metadata"]["component"];
    assert_eq!(
        (&app["name"], &app["description"]),
        (&"demo".into(), &"Shows things".into())
    );
    assert_eq!(app["licenses"][0]["license"]["id"], "MIT");
    assert_eq!(
        app["authors"],
        serde_json::json!([{ "name": "Ann", "email": "ann@example.org" }, { "name": "Bo" }])
    );
    assert_eq!(app["externalReferences"][0]["url"], "https://example.org");
    let component = |name: &str| {
        let list = document["components"].as_array().unwrap();
        list.iter().find(|c| c["name"] == name).unwrap()
    };
    assert_eq!(
        component("numpy")["licenses"][0]["expression"],
        "BSD-3-Clause AND Zlib"
    );
    assert_eq!(component("numpy")["components"][0]["name"], "libblas-1.so");
    assert_eq!(component("Silent").get("licenses"), None);
    let python = component("cpython");
    assert_eq!(python["licenses"][0]["license"]["id"], "PSF-2.0");
    assert_eq!(
        python["pedigree"]["patches"][0]["resolves"][0]["id"],
        "CVE-2025-1234"
    );
    let serial = document["serialNumber"].as_str().unwrap();
    // urn:uuid:xxxxxxxx-xxxx-8xxx-[89ab]xxx-xxxxxxxxxxxx
    assert_eq!((serial.len(), &serial[23..24]), (45, "8"), "{serial}");
    assert!("89ab".contains(&serial[28..29]), "{serial}");
    // Every reference leads somewhere.
    let references: BTreeSet<&str> = document["components"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|c| c["bom-ref"].as_str())
        .chain(["app"])
        .collect();
    for dependency in document["dependencies"].as_array().unwrap() {
        assert!(references.contains(dependency["ref"].as_str().unwrap()));
        for on in dependency["dependsOn"].as_array().unwrap() {
            assert!(references.contains(on.as_str().unwrap()), "{on}");
        }
    }
}

#[test]
fn the_report_has_every_text_once_with_those_it_is_of() {
    let mut bom = bom(&[(&format!("{NUMPY}/LICENSE"), "the licence of numpy")]);
    bom.unknown
        .push("the runtime mine, which is the author's own".into());
    let line = "=".repeat(78);
    let expected = format!(
        "demo 1.2: what it is made of, and under which licences\n\n\
         demo itself: MIT, by Ann <ann@example.org>, Bo\n\n\
         numpy 2.5.5     BSD-3-Clause AND Zlib\n    brings libblas-1.so \n\
         Silent 1.0      licence not stated\n\
         cpython 3.13.5  PSF-2.0\n\
         blake3 1.8.2    CC0-1.0 OR Apache-2.0\n\
         Not known: the runtime mine, which is the author's own\n\n\
         {line}\nnumpy (LICENSE)\n\nthe licence of numpy\n\n\
         {line}\nnumpy (blas/LICENSE)\n\nthe licence of BLAS\n\n\
         {line}\ncpython\n\nthe licence of Python\n\n\
         {line}\nblake3\n\nthe licence of BLAKE3\n"
    );
    assert_eq!(text(&bom), expected);
}

#[test]
fn what_is_unknown_comes_first() {
    let bom = bom(&[]);
    let groups: Vec<_> = groups(&bom)
        .iter()
        .map(|g| {
            (
                g.licence.map_or("", Licence::as_str).to_owned(),
                g.parts.len(),
            )
        })
        .collect();
    assert_eq!(groups[0], (String::new(), 1));
    assert_eq!(groups.len(), 4);
}

#[test]
fn a_file_of_an_older_pyxidium_and_a_runtime_of_ones_own_say_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let old = file(folder.path(), &[], None);
    let old = sbom(&SealedFile::open(&old).unwrap()).unwrap();
    assert_eq!(
        old.unknown,
        ["CPython and the runtime: an older Pyxidium sealed the file"]
    );
    let share = components().share(&Runtime::File("out/mine".into()), false, false);
    let own = file(folder.path(), &[], Some(&share));
    let own = sbom(&SealedFile::open(&own).unwrap()).unwrap();
    assert_eq!(own.unknown, ["the runtime mine, which is the author's own"]);
}
