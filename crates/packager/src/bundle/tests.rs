//! Bundles of apps that are sealed for it with a small C runtime, read back with the formats' own tools.

use std::io::Read as _;
use std::process::Command;

use packed_resources::{About, EntryPoint, FileType, Item, Kind, Manifest, WindowConfig, Writer};

use super::*;
use crate::section::elf::Head;
use crate::{Runtime, Silent, testing};

/// A PNG of 64 by 64, as far as its head.
const ICON: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x40\x08\x06\0\0\0";

fn manifest() -> Manifest {
    let entry = EntryPoint::Module {
        name: "demo".into(),
    };
    let mut manifest = Manifest::new("Demo_App", "3.13.5", entry);
    manifest.version = Some("2.0rc1".into());
    let kind = |extension: &str, mime: &str, name: &str| FileType {
        extension: extension.into(),
        mime: mime.into(),
        name: name.into(),
    };
    manifest.about = About {
        summary: Some("Shows things".into()),
        license: Some("MIT".into()),
        homepage: Some("https://example.org".into()),
        authors: vec!["Ann <ann@example.org>".into()],
        categories: vec!["Office".into()],
        file_types: vec![
            kind("demo", "application/x-demo", "Demo & file"),
            kind("csv", "text/csv", "CSV file"),
        ],
        graphical: true,
        self_install: true,
    };
    manifest.window = Some(WindowConfig {
        identifier: "org.example.demo".into(),
        title: "Demo".into(),
        ui: "app/ui".into(),
        icon: Some("app/icon.png".into()),
        ..WindowConfig::default()
    });
    manifest
}

fn demo() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = seal(folder.path(), &manifest());
    (folder, file)
}

/// A sealed file without a standard library: quick to compress.
fn seal(folder: &Path, manifest: &Manifest) -> PathBuf {
    seal_with(folder, manifest, None)
}

fn seal_with(folder: &Path, manifest: &Manifest, library: Option<Vec<u8>>) -> PathBuf {
    let text = "print('much the same')\n".repeat(100);
    let mut writer = Writer::new();
    let components: crate::components::Components =
        serde_json::from_str(crate::tests::COMPONENTS).unwrap();
    for item in [
        Item::new(Kind::Meta, Manifest::ENTRY, manifest.to_json()),
        components.share(&Runtime::Window, false, false).item(),
        Item::new(Kind::File, "app/demo.py", text.as_bytes()).zstd(9),
        Item::new(Kind::File, "app/icon.png", ICON),
        Item::directory("app/empty"),
    ] {
        writer.add(item).unwrap();
    }
    if let Some(library) = library {
        let item = Item::new(Kind::File, "app/mod.so", library);
        writer.add(item).unwrap();
    }
    let stub = fs_err::read(testing::runtime(folder, &["-s"])).unwrap();
    let out = folder.join("sealed");
    crate::seal::write(&out, Head::new(&stub).unwrap(), &mut writer, &Silent).unwrap();
    out
}

fn make(file: &Path, format: Format) -> PathBuf {
    let folder = file.parent().unwrap().join("dist");
    bundle(file, &[format], &folder, Stated::Project, &Silent)
        .unwrap()
        .remove(0)
        .path
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn dpkg_installs_what_was_sealed() {
    let (folder, file) = demo();
    let deb = make(&file, Format::Deb);
    assert_eq!(deb.file_name().unwrap(), "demo-app_2.0~rc1_amd64.deb");
    let fields = output(Command::new("dpkg-deb").arg("-f").arg(&deb));
    for line in [
        "Package: demo-app",
        "Version: 2.0~rc1",
        "Architecture: amd64",
        "Maintainer: Ann <ann@example.org>",
        "Homepage: https://example.org",
        "Description: Shows things",
    ] {
        assert!(fields.contains(line), "{line} in {fields}");
    }
    assert!(fields.contains("libwebkit2gtk-4.1-0"), "{fields}");
    let root = folder.path().join("root");
    output(Command::new("dpkg-deb").arg("-x").arg(&deb).arg(&root));
    let program = root.join("usr/bin/demo-app");
    let installed = SealedFile::open(&program).unwrap();
    installed.verify(&|_| ()).unwrap();
    // Not compressed, since the package is; all else as it was.
    let (old, new) = (
        SealedFile::open(&file).unwrap(),
        installed.payload().unwrap(),
    );
    assert_eq!(old.payload().unwrap().len(), new.len());
    let plain = packed_resources::Compression::None;
    assert!(new.iter().all(|e| e.unwrap().compression() == plain));
    let run = Command::new(&program).output().unwrap();
    assert!(run.status.success() && run.stdout.starts_with(b"PYXIDIUM"));
    let copyright = fs_err::read_to_string(root.join("usr/share/doc/demo-app/copyright")).unwrap();
    let own = "Demo_App itself: MIT, by Ann <ann@example.org>\n";
    assert!(copyright.contains(own), "{copyright}");
    assert!(copyright.contains("the licence of Python"), "{copyright}");
    let entry = find(&root.join("usr/share/applications"));
    let text = fs_err::read_to_string(&entry).unwrap();
    for line in [
        "Name=Demo",
        "Exec=demo-app %F",
        "Categories=Office;",
        "Terminal=false",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} in {text}");
    }
    assert!(
        text.contains("MimeType=application/x-demo;text/csv;"),
        "{text}"
    );
    let mime = fs_err::read_to_string(find(&root.join("usr/share/mime/packages"))).unwrap();
    assert!(
        mime.contains("<comment>Demo &amp; file</comment>"),
        "{mime}"
    );
    let icon = find(&root.join("usr/share/icons/hicolor/64x64/apps"));
    assert_eq!(fs_err::read(icon).unwrap(), ICON);
}

#[test]
fn the_same_file_gives_the_same_bundles() {
    let (_folder, file) = demo();
    for format in Format::USUAL {
        let first = fs_err::read(make(&file, format)).unwrap();
        let again = fs_err::read(make(&file, format)).unwrap();
        assert!(first == again, "{}", format.name());
    }
}

#[test]
fn rpm_says_what_it_needs_instead_of_whose_package() {
    let (_folder, file) = demo();
    let path = make(&file, Format::Rpm);
    assert_eq!(path.file_name().unwrap(), "demo-app-2.0~rc1-1.x86_64.rpm");
    let package = ::rpm::Package::open(&path).unwrap();
    let metadata = &package.metadata;
    assert_eq!(metadata.get_version().unwrap(), "2.0~rc1");
    assert_eq!(metadata.get_license().unwrap(), "MIT");
    let requires: Vec<String> = metadata
        .get_requires()
        .unwrap()
        .into_iter()
        .map(|d| d.name)
        .collect();
    assert!(
        requires
            .iter()
            .any(|r| r == "libwebkit2gtk-4.1.so.0()(64bit)"),
        "{requires:?}"
    );
    assert!(
        requires.iter().any(|r| r.starts_with("libc.so.6(GLIBC_2.")),
        "{requires:?}"
    );
    let program = package
        .files()
        .unwrap()
        .map(Result::unwrap)
        .find(|f| f.metadata.path() == Path::new("/usr/bin/demo-app"))
        .unwrap();
    assert!(program.content().unwrap().starts_with(b"\x7fELF"));
    assert_eq!(program.metadata.mode().permissions() & 0o777, 0o755);
}

#[test]
fn packages_ask_for_zlib_where_a_library_needs_that_of_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    let compile = |name: &str, arguments: &[&str]| {
        let mut gcc = Command::new("gcc");
        gcc.current_dir(folder.path());
        gcc.args(["-shared", "-fPIC", "-x", "c", "/dev/null", "-o", name]);
        output(gcc.args(arguments));
    };
    compile("libz.so.1", &["-Wl,-soname,libz.so.1"]);
    compile("mod.so", &["-Wl,--no-as-needed", "-x", "none", "libz.so.1"]);
    let library = fs_err::read(folder.path().join("mod.so")).unwrap();
    for (library, asks) in [(None, false), (Some(library), true)] {
        let file = seal_with(folder.path(), &manifest(), library);
        let deb = make(&file, Format::Deb);
        let depends = output(Command::new("dpkg-deb").arg("-f").arg(&deb).arg("Depends"));
        assert_eq!(depends.contains("zlib1g"), asks, "{depends}");
        let package = ::rpm::Package::open(make(&file, Format::Rpm)).unwrap();
        let mut requires = package.metadata.get_requires().unwrap().into_iter();
        assert_eq!(requires.any(|r| r.name == "libz.so.1()(64bit)"), asks);
    }
}

#[test]
fn an_archive_holds_the_file_as_it_was_sealed() {
    let (_folder, file) = demo();
    let path = make(&file, Format::TarGz);
    assert_eq!(
        path.file_name().unwrap(),
        "demo-app-2.0~rc1-linux-x86_64.tar.gz"
    );
    let bytes = fs_err::read(&path).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
    let mut entries = archive.entries().unwrap().map(Result::unwrap);
    let mut program = entries
        .find(|e| e.path().unwrap().ends_with("demo-app"))
        .unwrap();
    assert_eq!(program.header().mode().unwrap(), 0o755);
    let mut contents = Vec::new();
    program.read_to_end(&mut contents).unwrap();
    assert!(contents == fs_err::read(&file).unwrap());
}

#[test]
fn a_signed_file_stays_as_it_was_signed() {
    let (folder, file) = demo();
    let pair = crate::write_keys(&folder.path().join("k")).unwrap();
    let key = crate::private_key(&pair.private).unwrap();
    crate::sign(&SealedFile::open(&file).unwrap(), &key, &file).unwrap();
    let deb = make(&file, Format::Deb);
    let root = folder.path().join("root");
    output(Command::new("dpkg-deb").arg("-x").arg(&deb).arg(&root));
    let installed = SealedFile::open(&root.join("usr/bin/demo-app")).unwrap();
    let public = crate::public_key(&pair.public).unwrap();
    assert_eq!(
        crate::check_signature(&installed, Some(&public)).unwrap(),
        Some(pair.id)
    );
}

#[test]
fn what_is_missing_is_made_up_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut bare = manifest();
    (bare.version, bare.window, bare.about) = (None, None, About::default());
    let file = seal(folder.path(), &bare);
    let product = Product::read(&SealedFile::open(&file).unwrap()).unwrap();
    let missing = product.missing(Stated::Project);
    assert_eq!(missing.len(), 3);
    assert_eq!(
        missing[0],
        "no version is stated, so it is 0.0.0: set `version` in [project] of pyproject.toml"
    );
    let author = |stated| product.missing(stated).remove(2);
    assert_eq!(
        author(Stated::Recipe),
        "no author is stated: set `exe.maintainer` in the recipe"
    );
    assert_eq!(
        author(Stated::Somewhere),
        "no author is stated: set `authors` in [project] of pyproject.toml, or `exe.maintainer` in a recipe"
    );
    let deb = make(&file, Format::Deb);
    assert_eq!(deb.file_name().unwrap(), "demo-app_0.0.0_amd64.deb");
    let maintainer = |deb: &Path| {
        let mut dpkg = Command::new("dpkg-deb");
        output(dpkg.arg("-f").arg(deb).arg("Maintainer"))
    };
    assert_eq!(maintainer(&deb), "unknown\n");
    bare.about.authors = vec!["Bo".into()];
    let named = make(&seal(folder.path(), &bare), Format::Deb);
    assert_eq!(maintainer(&named), "Bo\n", "no address is made up");
    // Nothing for menus.
    let list = output(Command::new("dpkg-deb").arg("-c").arg(&deb));
    assert!(!list.contains("applications"), "{list}");
    bare.name = "é".into();
    let named = seal(folder.path(), &bare);
    let said = Product::read(&SealedFile::open(&named).unwrap()).unwrap_err();
    assert_eq!(said.to_string(), "a package cannot be called `é`");
}

#[test]
fn an_app_image_is_made_by_its_tool() {
    let (folder, file) = demo();
    let tool = folder.path().join("appimagetool");
    // Packs the folder, as the real one does, into something that says what was in it.
    let script = "#!/bin/sh\ncd \"$2\" && ls > \"$3\" && echo $ARCH >> \"$3\"\n";
    fs_err::write(&tool, script).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs_err::set_permissions(&tool, mode).unwrap();
    let product = Product::read(&SealedFile::open(&file).unwrap()).unwrap();
    let out = folder.path().join(appimage::name(&product));
    appimage::make_with(&tool, &product, &SealedFile::open(&file).unwrap(), &out).unwrap();
    let inside = fs_err::read_to_string(&out).unwrap();
    let expected =
        "AppRun\nLICENCES.txt\norg.example.demo.desktop\norg.example.demo.png\nusr\nx86_64\n";
    assert_eq!(inside, expected);
    let left = fs_err::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name());
    assert!(
        !left
            .into_iter()
            .any(|n| n.to_string_lossy().starts_with('.'))
    );
    fs_err::write(&tool, "#!/bin/sh\necho out of space >&2\nexit 1\n").unwrap();
    let said = appimage::make_with(&tool, &product, &SealedFile::open(&file).unwrap(), &out);
    assert_eq!(
        said.unwrap_err().to_string(),
        "appimagetool failed: out of space"
    );
    assert_eq!(fs_err::read_to_string(&out).unwrap(), expected);
}

#[test]
fn a_file_that_installs_itself_carries_what_it_installs() {
    let mut manifest = manifest();
    let carried = |manifest: &Manifest, icon: Option<&[u8]>| {
        let item = self_install::item(manifest, icon).unwrap();
        serde_json::from_slice::<serde_json::Value>(&item.data).unwrap()
    };
    let spec = carried(&manifest, Some(ICON));
    for (key, expected) in [
        ("identifier", "org.example.demo"),
        ("name", "demo-app"),
        ("title", "Demo"),
        ("version", "2.0rc1"),
    ] {
        assert_eq!(spec[key], expected);
    }
    assert_eq!(spec["extensions"], serde_json::json!(["demo", "csv"]));
    let files = spec["files"].as_array().unwrap();
    assert_eq!(files[0]["path"], "applications/org.example.demo.desktop");
    let entry = files[0]["text"].as_str().unwrap();
    assert!(entry.contains("\nExec=PYXIDIUM_PROGRAM %F\n"), "{entry}");
    assert!(entry.contains("\nIcon=org.example.demo\n"), "{entry}");
    let icon = "icons/hicolor/64x64/apps/org.example.demo.png";
    assert_eq!(
        files[1],
        serde_json::json!({ "path": icon, "source": "app/icon.png" })
    );
    assert_eq!(files[2]["path"], "mime/packages/org.example.demo.xml");

    // What is no picture is no icon, whatever it is called.
    assert_eq!(carried(&manifest, Some(b"GIF"))["files"][1], files[2]);
    (manifest.window, manifest.about) = (None, About::default());
    assert_eq!(carried(&manifest, None)["files"], serde_json::json!([]));
    manifest.name = "é".into();
    let said = self_install::item(&manifest, None).unwrap_err();
    assert_eq!(said.to_string(), "a package cannot be called `é`");
}

#[test]
fn icons_of_users_lie_in_the_folder_of_the_next_smaller_size() {
    for (width, folder) in [(1, 16), (16, 16), (100, 96), (256, 256), (1024, 512)] {
        let expected = format!("icons/hicolor/{folder}x{folder}/apps/a.png");
        assert_eq!(desktop::own_icon_path("a", width), expected);
    }
}

#[test]
fn what_cannot_be_made_here_says_where_or_with_what() {
    let (_folder, file) = demo();
    for (name, expected) in [
        ("msi", "msi is made on Windows, not on this machine"),
        ("dmg", "dmg is made on macOS, not on this machine"),
    ] {
        let format = Format::of(name).unwrap();
        let both = [Format::Deb, format];
        let said = bundle(&file, &both, Path::new("none"), Stated::Project, &Silent).unwrap_err();
        assert_eq!(said.to_string(), expected);
        assert!(said.hint().unwrap().contains("run the same command there"));
    }
    assert!(Format::of("zip").is_none());
    assert_eq!(Format::of("DEB"), Some(Format::Deb));
}

fn find(folder: &Path) -> PathBuf {
    let mut entries = fs_err::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.next().unwrap()
}
