//! What errors say, whose they are, and what to do about them.

use super::*;

#[test]
fn errors_say_who_has_to_act_and_what_to_do() {
    use crate::{Fault, ToolOutput};
    let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
    let denied = || std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    let source = || ToolOutput("said".into());
    let check = |error: Error, fault: Fault, expected: &str, hint: Option<&str>| {
        assert_eq!(
            (
                error.to_string().as_str(),
                error.fault(),
                error.hint().as_deref()
            ),
            (expected, fault, hint)
        );
    };
    let (user, machine) = (Fault::User, Fault::Environment);
    let path = || PathBuf::from("out/app");
    check(
        Error::write(&path(), full()),
        machine,
        "the disk is full: cannot write out/app",
        Some("free some space, or write elsewhere with -o"),
    );
    check(
        Error::write(&path(), denied()),
        machine,
        "cannot write out/app",
        Some("choose a folder that you may write to with -o"),
    );
    check(
        Error::NoCache,
        machine,
        "no folder for the cache: the user has no home folder",
        Some("set PYXIDIUM_CACHE to a folder that you may write to"),
    );
    check(
        Error::Installer {
            tool: "uv",
            source: source(),
        },
        machine,
        "uv could not install the packages",
        None,
    );
    check(
        Error::Offline,
        machine,
        "the packages are not in the cache, and --offline was given",
        Some("build once without --offline"),
    );
    check(
        Error::Network { source: source() },
        machine,
        "the package index cannot be reached",
        Some("check the connection and proxy; packages that were sealed before need none"),
    );
    check(
        Error::DamagedPack { path: path() },
        machine,
        "the cached pack out/app is damaged and could not be made again",
        Some("remove out/app"),
    );
    check(
        Error::OtherPlatform {
            wheel: "a.whl".into(),
            source: source(),
        },
        user,
        "a.whl was built for another platform or Python",
        Some("choose the wheel built for cp313 and this platform"),
    );
    check(
        Error::Conflict { source: source() },
        user,
        "the requirements cannot be satisfied together",
        Some("loosen one of the versions named above"),
    );
    check(
        Error::BadRequirements { source: source() },
        user,
        "the requirements cannot be read",
        None,
    );
    check(
        Error::Missing { path: path() },
        user,
        "out/app does not exist",
        None,
    );
    check(
        Error::Section {
            path: path(),
            source: crate::SectionError::NoReservation,
        },
        Fault::Internal,
        "out/app: not a runtime of Pyxidium: it reserves no place for a payload",
        None,
    );
    check(
        Error::Section {
            path: path(),
            source: crate::SectionError::Truncated {
                expected: 9,
                found: 5,
            },
        },
        user,
        "out/app: the file is cut short: it should have at least 9 bytes and has 5",
        Some("copy or download the file again"),
    );
}
