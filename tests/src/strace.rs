//! Reads what `strace -f` wrote: which files a process asked the kernel for, and to do what.

/// One system call that names a file.
#[derive(Debug, Clone)]
pub struct FileCall {
    /// The call's name, such as `openat`.
    pub name: String,
    /// The first quoted argument.
    pub path: String,
    /// All arguments as printed.
    pub arguments: String,
    /// True when the call succeeded.
    pub succeeded: bool,
}

impl FileCall {
    /// True when the call could change what is on disk, whether or not it was allowed to.
    #[must_use]
    pub fn would_write(&self) -> bool {
        match self.name.as_str() {
            "open" | "openat" | "openat2" => ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"]
                .iter()
                .any(|flag| self.arguments.contains(flag)),
            name => [
                "creat",
                "mkdir",
                "mkdirat",
                "rename",
                "renameat",
                "renameat2",
                "unlink",
                "unlinkat",
                "rmdir",
                "symlink",
                "symlinkat",
                "link",
                "linkat",
                "mknod",
                "mknodat",
                "truncate",
                "chmod",
                "fchmodat",
                "chown",
                "lchown",
                "fchownat",
                "utimensat",
            ]
            .contains(&name),
        }
    }

    /// True when the call opens the file, rather than only asking about it.
    #[must_use]
    pub fn opens(&self) -> bool {
        matches!(self.name.as_str(), "open" | "openat" | "openat2" | "execve")
    }
}

/// The calls in a log, from the first `execve` of `program` on.
#[must_use]
pub fn calls_since(log: &str, program: &str) -> Vec<FileCall> {
    let start = format!("execve(\"{program}\"");
    log.lines()
        .skip_while(|line| !line.contains(&start))
        .filter_map(parse)
        .collect()
}

fn parse(line: &str) -> Option<FileCall> {
    // `1234  openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3`
    let line = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let (name, rest) = line.split_once('(')?;
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return None;
    }
    let (arguments, result) = rest.rsplit_once(" = ").unwrap_or((rest, "?"));
    let (_, quoted) = arguments.split_once('"')?;
    let (path, _) = quoted.split_once('"')?;
    Some(FileCall {
        name: name.to_owned(),
        path: path.to_owned(),
        arguments: arguments.to_owned(),
        succeeded: !result.starts_with('-') && !result.starts_with('?'),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = r#"
10 execve("/usr/bin/unshare", ["unshare", "-m"], 0x7ffd /* 9 vars */) = 0
10 openat(AT_FDCWD, "/before", O_RDONLY) = 3
10 execve("/x/app", ["/x/app"], 0x7ffd /* 1 var */) = 0
10 openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3
11 openat(AT_FDCWD, "/tmp/file", O_WRONLY|O_CREAT|O_EXCL, 0600 <unfinished ...>
10 mkdir("/root/.cache", 0777) = -1 EROFS (Read-only file system)
11 <... openat resumed>) = 4
10 newfstatat(AT_FDCWD, "/usr/lib/python3.13/os.py", 0x7f, 0) = -1 ENOENT (No such file or directory)
10 +++ exited with 0 +++
"#;

    #[test]
    fn calls_of_the_program_are_read() {
        let calls = calls_since(LOG, "/x/app");
        let seen: Vec<(&str, &str, bool)> = calls
            .iter()
            .map(|call| (call.name.as_str(), call.path.as_str(), call.would_write()))
            .collect();
        assert_eq!(
            seen,
            [
                ("execve", "/x/app", false),
                ("openat", "/etc/ld.so.cache", false),
                ("openat", "/tmp/file", true),
                ("mkdir", "/root/.cache", true),
                ("newfstatat", "/usr/lib/python3.13/os.py", false),
            ]
        );
        assert!(calls[1].succeeded && !calls[3].succeeded);
    }
}
