//! What tests of several rooms share: the built CPython, a runtime that is a small C program, a
//! folder that looks as installers leave it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Python;

/// The CPython that `cargo xtask python` built.
pub(crate) fn cpython() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/cpython");
    assert!(
        root.join("link.json").is_file(),
        "run `cargo xtask python` first"
    );
    root
}

pub(crate) fn python() -> Python {
    crate::self_seal::built_python(&cpython()).unwrap()
}

/// Prints the payload that the kernel mapped, as the runtime finds it.
const PROGRAM: &str = r#"
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <string.h>
__attribute__((section(".note.pyxidium"), aligned(4), used)) static const struct {
    unsigned name, data, kind; char text[12]; unsigned value;
} note = {9, 4, 1, "Pyxidium", 1};
#ifndef MARK
#define MARK "a runtime"
#endif
__attribute__((used)) static const char mark[] = MARK;
static int bss[5000];
static int each(struct dl_phdr_info *info, size_t size, void *data) {
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        const char *at = (const char *)info->dlpi_addr + p->p_vaddr;
        if (p->p_type == PT_LOAD && p->p_flags == PF_R && !memcmp(at, "PYXIDIUM", 8))
            fwrite(at, 1, p->p_filesz, stdout);
    }
    return 1;
}
int main(int argc, char **argv) {
    bss[argc] = argc;
    for (int i = 0; i < 5000; i++) if (i != argc && bss[i]) return 9;
    dl_iterate_phdr(each, 0);
    return 0;
}
"#;

/// Compiles the C runtime.
pub(crate) fn runtime(folder: &Path, flags: &[&str]) -> PathBuf {
    let (source, stub) = (folder.join("stub.c"), folder.join("stub"));
    fs_err::write(&source, PROGRAM).unwrap();
    let done = Command::new("gcc")
        .arg(&source)
        .arg("-o")
        .arg(&stub)
        .args(flags)
        .status()
        .unwrap();
    assert!(done.success());
    stub
}

/// Writes files below a folder.
pub(crate) fn lay(root: &Path, files: &[(&str, &[u8])]) {
    for (path, data) in files {
        let path = root.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, data).unwrap();
    }
}
