//! Files of the machine that distributions keep in different places.
//!
//! The libraries inside this executable were built on one distribution and know its paths only.
//! When such a path does not exist here, the first existing equivalent answers for it.

use std::ffi::CStr;

/// Where OpenSSL builds look for the list of trusted authorities.
const OPENSSL_DEFAULTS: &[&CStr] = &[
    c"/usr/lib/ssl/cert.pem",
    c"/etc/pki/tls/cert.pem",
    c"/etc/ssl/cert.pem",
    c"/usr/local/ssl/cert.pem",
];

/// Where the distributions keep that list.
const AUTHORITIES: &[&CStr] = &[
    c"/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Arch, Gentoo, Alpine
    c"/etc/pki/tls/certs/ca-bundle.crt",   // Fedora, RHEL
    c"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // newer Fedora, Arch
    c"/etc/ca-certificates/extracted/tls-ca-bundle.pem", // Arch
    c"/etc/ssl/ca-bundle.pem",             // openSUSE
    c"/etc/ssl/cert.pem",                  // Alpine
];

/// The file to use in place of `path`, when `path` is a known name that is missing here.
pub(super) fn for_missing(path: &CStr) -> Option<&'static CStr> {
    if !OPENSSL_DEFAULTS.contains(&path) || exists(path) {
        return None;
    }
    AUTHORITIES
        .iter()
        .copied()
        .find(|candidate| exists(candidate))
}

fn exists(path: &CStr) -> bool {
    // A raw system call: the libc function of that name is one of those that call us.
    // SAFETY: a NUL-terminated path and plain flags.
    unsafe {
        libc::syscall(
            libc::SYS_faccessat,
            libc::AT_FDCWD,
            path.as_ptr(),
            libc::R_OK,
        ) == 0
    }
}
