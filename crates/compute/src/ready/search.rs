//! Text search over many files, as ripgrep does it, with ripgrep's own crates.
//!
//! Files are searched as bytes; what looks binary (a NUL in it) is left alone. Matches come back
//! in the order of paths (by their bytes), then of lines, however many threads there are.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use grep_matcher::Matcher;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{BinaryDetection, MmapChoice, Searcher, SearcherBuilder, Sink, SinkMatch};
use ignore::overrides::OverrideBuilder;
use ignore::{WalkBuilder, WalkState};
use rayon::prelude::*;

use super::Error;
use crate::work::Watch;

/// What is looked for, and where.
#[derive(Debug, Clone)]
pub struct Query {
    /// A regular expression (Rust's `regex` syntax), or the text itself.
    pub pattern: String,
    /// The pattern is the text itself.
    pub literal: bool,
    /// Upper and lower case are alike.
    pub ignore_case: bool,
    /// Only whole words.
    pub word: bool,
    /// Only files that match one of these (`*.py`); `!` before one leaves files out.
    pub globs: Vec<String>,
    /// Leave out what `.gitignore`, `.ignore` and git's excludes say.
    pub gitignore: bool,
    /// Also files and folders whose names begin with a dot.
    pub hidden: bool,
    /// So many matches per file at most.
    pub most_per_file: Option<u64>,
}

/// A line that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The file.
    pub path: PathBuf,
    /// The line's number, from 1.
    pub line: u64,
    /// Where in the line, in bytes, the first match begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The line, without its end.
    pub text: Vec<u8>,
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Found {
    /// The lines, by path and number.
    pub matches: Vec<Match>,
    /// How many files were looked into.
    pub files: u64,
    /// Files and folders that could not be read, and why.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// Search files, and all files below folders.
///
/// # Errors
/// When the pattern or a glob makes no sense, when a given path does not exist, or when cancelled.
pub fn search(roots: &[PathBuf], query: &Query, watch: &Watch) -> Result<Found, Error> {
    let matcher = matcher(query)?;
    let (files, mut unreadable) = list(roots, query, watch)?;
    watch.expect(files.len() as u64);
    let searched: Vec<Result<Vec<Match>, (PathBuf, String)>> = files
        .par_iter()
        .with_max_len(16)
        .map_init(
            || searcher(query),
            |searcher, path| {
                if watch.advance(1).is_err() {
                    return Ok(vec![]);
                }
                let mut lines = Lines {
                    path,
                    matcher: &matcher,
                    watch,
                    found: vec![],
                };
                std::fs::File::open(path)
                    .and_then(|file| {
                        let file = Watched { file, watch };
                        searcher.search_reader(&matcher, file, &mut lines)
                    })
                    .map(|()| std::mem::take(&mut lines.found))
                    .map_err(|error| (path.clone(), error.to_string()))
            },
        )
        .collect();
    watch.check()?;
    let mut found = Found {
        files: files.len() as u64,
        ..Found::default()
    };
    for result in searched {
        watch.check()?;
        match result {
            Ok(matches) => found.matches.extend(matches),
            Err(error) => unreadable.push(error),
        }
    }
    unreadable.sort_unstable();
    found.unreadable = unreadable;
    Ok(found)
}

fn matcher(query: &Query) -> Result<RegexMatcher, Error> {
    RegexMatcherBuilder::new()
        .case_insensitive(query.ignore_case)
        .word(query.word)
        .fixed_strings(query.literal)
        .multi_line(true)
        .line_terminator(Some(b'\n'))
        .build(&query.pattern)
        .map_err(|error| Error::Pattern {
            message: error.to_string(),
        })
}

fn searcher(query: &Query) -> Searcher {
    SearcherBuilder::new()
        .line_number(true)
        .binary_detection(BinaryDetection::quit(0))
        .memory_map(MmapChoice::never())
        .max_matches(query.most_per_file)
        .build()
}

type Files = (Vec<PathBuf>, Vec<(PathBuf, String)>);

/// All files to look into, in order; and what could not be listed.
fn list(roots: &[PathBuf], query: &Query, watch: &Watch) -> Result<Files, Error> {
    let Some(first) = roots.first() else {
        return Ok(Files::default());
    };
    for root in roots {
        std::fs::metadata(root).map_err(|source| Error::read(root, source))?;
    }
    let mut builder = WalkBuilder::new(first);
    for root in &roots[1..] {
        builder.add(root);
    }
    let mut overrides = OverrideBuilder::new(Path::new("."));
    for glob in &query.globs {
        let wrong = |error: ignore::Error| Error::value("globs", "patterns of file names", error);
        overrides.add(glob).map_err(wrong)?;
    }
    let overrides = overrides
        .build()
        .map_err(|error| Error::value("globs", "patterns of file names", error))?;
    builder
        .standard_filters(query.gitignore)
        .require_git(false)
        .hidden(!query.hidden)
        .overrides(overrides)
        .threads(rayon::current_num_threads());
    let listed = Mutex::new(Files::default());
    builder.build_parallel().run(|| {
        let mut mine = Gather {
            all: &listed,
            files: vec![],
        };
        let listed = &listed;
        Box::new(move |entry| {
            if watch.is_cancelled() {
                return WalkState::Quit;
            }
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    mine.files.push(entry.into_path())
                }
                Ok(_) => {}
                Err(error) => {
                    if let Ok(mut listed) = listed.lock() {
                        listed.1.push((path_of(&error), error.to_string()));
                    }
                }
            }
            WalkState::Continue
        })
    });
    watch.check()?;
    let (mut files, unreadable) = listed
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    watch.leaving(|| {
        files.par_sort_unstable_by(|a, b| {
            watch.leave_if_cancelled();
            a.cmp(b)
        });
    })?;
    // Roots may lie in each other.
    files.dedup();
    Ok((files, unreadable))
}

/// One walker's files, handed in when it ends.
struct Gather<'a> {
    all: &'a Mutex<Files>,
    files: Vec<PathBuf>,
}

impl Drop for Gather<'_> {
    fn drop(&mut self) {
        if let Ok(mut all) = self.all.lock() {
            all.0.append(&mut self.files);
        }
    }
}

fn path_of(error: &ignore::Error) -> PathBuf {
    match error {
        ignore::Error::WithPath { path, .. } => path.clone(),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        _ => PathBuf::new(),
    }
}

/// A file whose end comes early when the search is cancelled: where nothing matches, nobody else would ask.
struct Watched<'a> {
    file: std::fs::File,
    watch: &'a Watch,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.watch.is_cancelled() {
            return Ok(0);
        }
        self.file.read(buffer)
    }
}

/// The matching lines of one file.
struct Lines<'a> {
    path: &'a Path,
    matcher: &'a RegexMatcher,
    watch: &'a Watch,
    found: Vec<Match>,
}

impl Sink for Lines<'_> {
    type Error = std::io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> Result<bool, std::io::Error> {
        let line = found.bytes();
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let place = self.matcher.find(text).ok().flatten();
        let (start, end) = place.map_or((0, text.len()), |place| (place.start(), place.end()));
        let line = found.line_number().unwrap_or(0);
        self.found.push(Match {
            path: self.path.into(),
            line,
            start,
            end,
            text: text.to_vec(),
        });
        Ok(!self.watch.is_cancelled())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::pool;

    fn query(pattern: &str) -> Query {
        Query {
            pattern: pattern.into(),
            literal: false,
            ignore_case: false,
            word: false,
            globs: vec![],
            gitignore: true,
            hidden: false,
            most_per_file: None,
        }
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("deep")).unwrap();
        write("b.txt", "one\nTwo two\r\nthree");
        write("a.py", "x = 2  # two\n");
        write("deep/c.txt", "nothing\n\ntwo.\n");
        write("ignored.log", "two\n");
        write(".hidden", "two\n");
        write(".gitignore", "*.log\n");
        fs::write(folder.path().join("binary"), b"two\0\n").unwrap();
        folder
    }

    fn lines(folder: &tempfile::TempDir, query: &Query) -> Vec<String> {
        let found = search(&[folder.path().into()], query, &Watch::new()).unwrap();
        assert!(found.unreadable.is_empty(), "{:?}", found.unreadable);
        let name = |path: &Path| {
            path.strip_prefix(folder.path())
                .unwrap()
                .display()
                .to_string()
        };
        let text =
            |found: &Match| String::from_utf8(found.text[found.start..found.end].to_vec()).unwrap();
        found
            .matches
            .iter()
            .map(|found| format!("{}:{}:{}", name(&found.path), found.line, text(found)))
            .collect()
    }

    #[test]
    fn finds_lines_in_order_on_any_number_of_threads() {
        let folder = folder();
        for threads in [1, 4] {
            let got = pool::with_threads(threads, || lines(&folder, &query("tw[o]"))).unwrap();
            assert_eq!(got, ["a.py:1:two", "b.txt:2:two", "deep/c.txt:3:two"]);
        }
    }

    #[test]
    fn every_option_counts() {
        let folder = folder();
        let all = Query {
            gitignore: false,
            hidden: true,
            ..query("two")
        };
        assert_eq!(lines(&folder, &all).len(), 5);
        let case = Query {
            ignore_case: true,
            globs: vec!["*.txt".into(), "!c.*".into()],
            ..query("TWO")
        };
        assert_eq!(lines(&folder, &case), ["b.txt:2:Two"]);
        assert_eq!(
            lines(
                &folder,
                &Query {
                    literal: true,
                    ..query("two.")
                }
            ),
            ["deep/c.txt:3:two."]
        );
        assert_eq!(
            lines(
                &folder,
                &Query {
                    word: true,
                    ..query("t")
                }
            ),
            Vec::<String>::new()
        );
        assert_eq!(
            lines(
                &folder,
                &Query {
                    most_per_file: Some(1),
                    ..query("e")
                }
            )
            .len(),
            1
        );
        assert_eq!(lines(&folder, &query("^$")), ["deep/c.txt:2:"]);
    }

    #[test]
    fn nonsense_is_refused() {
        let folder = folder();
        let roots = [folder.path().to_path_buf()];
        let error = search(&roots, &query("("), &Watch::new())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("unclosed group") && error.contains("literal=True"),
            "{error}"
        );
        let error = search(&["/nowhere".into()], &query("a"), &Watch::new())
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("cannot read /nowhere: "), "{error}");
        let globs = Query {
            globs: vec!["[".into()],
            ..query("a")
        };
        assert!(
            search(&roots, &globs, &Watch::new())
                .unwrap_err()
                .to_string()
                .starts_with("globs must be")
        );
        let watch = Watch::new();
        watch.cancel();
        assert!(matches!(
            search(&roots, &query("a"), &watch),
            Err(Error::Cancelled(_))
        ));
    }

    #[test]
    fn the_same_file_is_found_once() {
        let folder = folder();
        let roots = [folder.path().to_path_buf(), folder.path().join("deep")];
        let found = search(&roots, &query("nothing"), &Watch::new()).unwrap();
        assert_eq!((found.matches.len(), found.files), (1, 4));
    }
}
