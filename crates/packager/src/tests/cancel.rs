//! A build that is to stop: at every place it may be at, it ends soon and leaves nothing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::Progress;

/// Lets so many questions pass, then says stop.
struct After {
    left: AtomicUsize,
}

impl After {
    fn questions(count: usize) -> Self {
        Self {
            left: AtomicUsize::new(count),
        }
    }
}

impl Progress for After {
    fn cancelled(&self) -> bool {
        let count = |n: usize| Some(n.saturating_sub(1));
        let left = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, count);
        left == Ok(0)
    }
}

#[test]
fn wherever_it_is_cancelled_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<(String, String)> = (0..8)
        .map(|i| (format!("p/m{i}.py"), format!("x = {i}\n")))
        .collect();
    let mut files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(p, t)| (p.as_str(), t.as_bytes()))
        .collect();
    files.push(("p/__main__.py", b"import m0\n"));
    lay(folder.path(), &files);
    let plan = plan(folder.path(), "p");
    let cache = Cache::at(folder.path().join("cache"));
    let options = BuildOptions {
        cache: &cache,
        ..options()
    };
    let mut cancelled = 0;
    loop {
        match build(&plan, &options, &After::questions(cancelled)) {
            Ok(_) => break,
            Err(error) => assert!(matches!(error, Error::Cancelled), "{error}"),
        }
        let out = folder.path().join("out");
        let left = || fs_err::read_dir(&out).unwrap().count();
        assert!(!out.exists() || left() == 0, "after {cancelled}");
        cancelled += 1;
    }
    // Compiling, compressing and writing each asked at least once per file or megabyte.
    assert!(cancelled > 15, "{cancelled}");
}

#[test]
fn a_running_installer_is_ended_with_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let script = format!(
        "#!/bin/sh\nsleep 1000 &\necho $! > {}\nwait\n",
        pid.display()
    );
    lay(
        folder.path(),
        &[("app.py", b""), ("python", script.as_bytes())],
    );
    let program = folder.path().join("python");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs_err::set_permissions(&program, mode).unwrap();

    struct Once(PathBuf);
    impl Progress for Once {
        fn cancelled(&self) -> bool {
            fs_err::read_to_string(&self.0).is_ok_and(|text| text.ends_with('\n'))
        }
    }
    let cache = Cache::at(folder.path().join("cache"));
    let python = crate::Python {
        program,
        ..python()
    };
    let wanted = recipe::Requirement {
        text: "demo".into(),
        origin: recipe::Origin {
            path: "app.py".into(),
            line: 1,
        },
    };
    let options = ResolveOptions {
        only_pip: true,
        ..ResolveOptions::default()
    };
    let start = Instant::now();
    let progress = Once(pid.clone());
    let result = crate::resolve::packs(&python, &cache, &[wanted], &[], &options, &progress);
    assert!(matches!(result, Err(Error::Cancelled)), "{result:?}");
    assert!(start.elapsed() < Duration::from_secs(10));
    let pid = fs_err::read_to_string(pid).unwrap();
    // A killed grandchild may be a zombie for a moment until somebody waits for it.
    let state = || fs_err::read_to_string(format!("/proc/{}/stat", pid.trim()));
    assert!(
        state().map_or(true, |s| s.contains(") Z ")),
        "{:?}",
        state()
    );
    assert_eq!(
        fs_err::read_dir(cache.root().join("work")).unwrap().count(),
        0
    );
}

#[test]
fn being_cancelled_is_no_defect() {
    assert_eq!(
        Error::Cancelled.to_string(),
        "cancelled; nothing was written"
    );
    assert_eq!(Error::Cancelled.fault(), crate::Fault::User);
    assert_eq!(Error::Cancelled.hint(), None);
}
