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
