//! A payload seen through the ordinary file functions of the standard library, which end in
//! libc's and so in ours.

use std::{
    ffi::{CStr, CString},
    fs, io,
    io::{Read, Seek, SeekFrom},
    os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt},
    path::Path,
    sync::OnceLock,
};

use packed_resources::{Item, Kind, Level, Payload, Writer};

use super::*;

const ROOT: &str = "/nonexistent/folder/app";

fn root() -> &'static Path {
    static PAYLOAD: OnceLock<Payload<'static>> = OnceLock::new();
    let payload = *PAYLOAD.get_or_init(|| {
        let mut writer = Writer::new();
        let large: Vec<u8> = (0..6_000_000_u32)
            .map(|number| (number / 1000) as u8)
            .collect();
        for (name, data, level) in [
            ("app.py", b"print()".to_vec(), Level::Store),
            ("data/a.txt", b"first".to_vec(), Level::Store),
            ("data/b/c.txt", b"second".repeat(100), Level::Zstd(3)),
            ("data/empty", Vec::new(), Level::Store),
            ("data/large", large, Level::Zstd(3)),
            ("data-file", b"beside".to_vec(), Level::Store),
        ] {
            let item = Item {
                level,
                ..Item::new(Kind::File, name, data)
            };
            writer.add(item).expect("a plain entry");
        }
        let mut bytes = Vec::new();
        writer.finish(&mut bytes).expect("a payload");
        Payload::parse(bytes.leak()).expect("its own output")
    });
    mount(Path::new(ROOT), payload);
    Path::new(ROOT)
}

fn code(result: io::Result<impl Sized>) -> i32 {
    result
        .err()
        .and_then(|error| error.raw_os_error())
        .unwrap_or(0)
}

#[test]
fn paths_are_normalised() {
    root();
    let vfs = mounted().expect("mounted");
    let relative = |path: &str| vfs.relative(path.as_bytes());
    assert_eq!(relative("/nonexistent/folder/app").as_deref(), Some(""));
    assert_eq!(relative("/nonexistent/folder/app/").as_deref(), Some(""));
    assert_eq!(
        relative("/nonexistent/folder/app//data/./b/../a.txt").as_deref(),
        Some("data/a.txt")
    );
    assert_eq!(
        relative("/nonexistent/folder/app/../app/data"),
        None,
        "leaves the payload"
    );
    assert_eq!(relative("/nonexistent/folder/apple"), None);
    assert_eq!(relative("/nonexistent/folder"), None);
    assert_eq!(relative("data/a.txt"), None);
}

#[test]
fn files_are_read() {
    let root = root();
    assert_eq!(fs::read(root.join("data/a.txt")).expect("stored"), b"first");
    assert_eq!(
        fs::read(root.join("data/b/c.txt")).expect("compressed"),
        b"second".repeat(100)
    );
    assert_eq!(fs::read(root.join("data/empty")).expect("empty"), b"");
    let mut file = fs::File::open(root.join("data/large")).expect("several frames");
    let mut byte = [0];
    file.read_exact_at(&mut byte, 5_999_999)
        .expect("a position");
    assert_eq!(byte[0], (5_999_999_u32 / 1000) as u8);
    assert_eq!(file.seek(SeekFrom::End(0)).expect("a seek"), 6_000_000);
    assert_eq!(file.read(&mut byte).expect("the end"), 0);
}

#[test]
fn folders_are_listed() {
    let list = |path: &Path| {
        let entries = fs::read_dir(path).expect("a folder");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("a name"))
            .map(|entry| {
                (
                    entry.file_name().into_string().expect("text"),
                    entry.file_type().expect("a type").is_dir(),
                )
            })
            .collect();
        names.sort();
        names
    };
    let name = |name: &str, is_dir| (name.to_owned(), is_dir);
    assert_eq!(
        list(root()),
        [
            name("app.py", false),
            name("data", true),
            name("data-file", false)
        ]
    );
    assert_eq!(
        list(&root().join("data")),
        [
            name("a.txt", false),
            name("b", true),
            name("empty", false),
            name("large", false)
        ]
    );
    assert_eq!(code(fs::read_dir(root().join("data/a.txt"))), libc::ENOTDIR);
    assert_eq!(code(fs::read_dir(root().join("missing"))), libc::ENOENT);
    assert_eq!(
        code(fs::read(root().join("data/a.txt/below"))),
        libc::ENOTDIR
    );
}

#[test]
fn metadata_is_that_of_read_only_files() {
    let file = fs::metadata(root().join("data/b/c.txt")).expect("a file");
    assert!(file.is_file() && file.len() == 600 && file.mode() & 0o777 == 0o444);
    let folder = fs::symlink_metadata(root().join("data/b")).expect("a folder");
    assert!(folder.is_dir() && folder.mode() & 0o777 == 0o555);
    assert_ne!(file.ino(), folder.ino());
    assert_eq!(
        code(fs::metadata(root().join("data/b/missing"))),
        libc::ENOENT
    );
    assert_eq!(
        fs::canonicalize(root().join("data//b/../a.txt")).expect("a path"),
        root().join("data/a.txt")
    );
    assert_eq!(code(fs::read_link(root().join("data/a.txt"))), libc::EINVAL);
}

#[test]
fn nothing_can_be_written() {
    let open = |options: &mut fs::OpenOptions, name: &str| code(options.open(root().join(name)));
    assert_eq!(
        open(fs::OpenOptions::new().write(true), "data/a.txt"),
        libc::EROFS
    );
    assert_eq!(
        open(fs::OpenOptions::new().append(true), "data/a.txt"),
        libc::EROFS
    );
    assert_eq!(
        open(
            fs::OpenOptions::new().write(true).create_new(true),
            "data/new"
        ),
        libc::EROFS
    );
    assert_eq!(
        open(
            fs::OpenOptions::new()
                .read(true)
                .custom_flags(libc::O_DIRECTORY),
            "data/a.txt"
        ),
        libc::ENOTDIR
    );
    assert_eq!(
        open(fs::OpenOptions::new().read(true), "data"),
        libc::EISDIR
    );
}

#[test]
fn c_streams_and_access_agree() {
    let path = CString::new(
        root()
            .join("data/a.txt")
            .into_os_string()
            .into_encoded_bytes(),
    )
    .expect("no NUL");
    let missing = CString::new(format!("{ROOT}/missing")).expect("no NUL");
    // SAFETY: NUL-terminated strings, a buffer of the stated length, one close.
    unsafe {
        assert_eq!(libc::access(path.as_ptr(), libc::R_OK), 0);
        assert_eq!(libc::access(path.as_ptr(), libc::W_OK), -1);
        assert_eq!(libc::access(path.as_ptr(), libc::X_OK), -1);
        assert_eq!(libc::access(missing.as_ptr(), libc::F_OK), -1);
        let stream = libc::fopen(path.as_ptr(), c"rb".as_ptr());
        assert!(!stream.is_null());
        let mut buffer = [0_u8; 16];
        assert_eq!(libc::fread(buffer.as_mut_ptr().cast(), 1, 16, stream), 5);
        assert_eq!(&buffer[..5], b"first");
        libc::fclose(stream);
        assert!(libc::fopen(path.as_ptr(), c"r+".as_ptr()).is_null());
        assert_eq!(libc::listxattr(path.as_ptr(), std::ptr::null_mut(), 0), -1);
        assert_eq!(
            io::Error::last_os_error().raw_os_error(),
            Some(libc::ENOTSUP)
        );
    }
}

#[test]
fn files_of_the_machine_are_left_alone() {
    root();
    let folder = std::env::temp_dir().join(format!("pyembed-vfs-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("real"), b"real").expect("written");
    assert_eq!(fs::read(folder.join("real")).expect("read"), b"real");
    assert_eq!(fs::read_dir(&folder).expect("listed").count(), 1);
    fs::remove_dir_all(&folder).expect("removed");
}

#[test]
fn listings_are_closed_one_by_one() {
    let first = fs::read_dir(root().join("data")).expect("one");
    let second = fs::read_dir(root().join("data/b")).expect("two");
    let real = fs::read_dir("/").expect("a real one");
    drop(first);
    assert_eq!(second.count(), 1);
    assert!(real.count() > 0);
}

#[test]
fn authorities_are_found_where_this_machine_keeps_them() {
    let known: &CStr = c"/usr/lib/ssl/cert.pem";
    if let Some(found) = fallback::for_missing(known) {
        assert!(Path::new(found.to_str().expect("text")).exists());
    }
    assert_eq!(fallback::for_missing(c"/somewhere/else/cert.pem"), None);
}
