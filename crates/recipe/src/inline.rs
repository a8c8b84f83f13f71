//! Inline script metadata (PEP 723): finds the `# /// script` block and gives its TOML with every
//! line where it stood, so that a message can name the line of the script.

use std::path::Path;

use crate::Error;

/// The TOML text of a script's block.
pub(crate) struct Block {
    /// The TOML, one line of it for each line of the block.
    pub(crate) toml: String,
    /// The script's line (from 1) of the first line of [`Block::toml`].
    pub(crate) first_line: usize,
}

/// Finds the block of type `script`. Other types are other tools' business.
pub(crate) fn find(text: &str, path: &Path) -> Result<Option<Block>, Error> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found: Option<(usize, Block)> = None;
    let mut at = 0;
    while at < lines.len() {
        let Some(kind) = lines[at].strip_prefix("# /// ").map(str::trim_end) else {
            at += 1;
            continue;
        };
        let start = at;
        let run = lines[at + 1..]
            .iter()
            .take_while(|l| **l == "#" || l.starts_with("# "));
        let body = at + 1..at + 1 + run.count();
        // The standard's expression is greedy: the last `# ///` of the run of comments closes.
        let close = body.clone().rev().find(|&i| lines[i].trim_end() == "# ///");
        if kind != "script" {
            at = close.map_or(at, |c| c) + 1;
            continue;
        }
        let Some(close) = close else {
            return Err(Error::OpenBlock {
                path: path.into(),
                line: start + 1,
            });
        };
        if let Some((first, _)) = found {
            return Err(Error::SecondBlock {
                path: path.into(),
                line: start + 1,
                first: first + 1,
            });
        }
        let toml: String = lines[body.start..close]
            .iter()
            .flat_map(|l| [l.strip_prefix("# ").unwrap_or(""), "\n"])
            .collect();
        found = Some((
            start,
            Block {
                toml,
                first_line: start + 2,
            },
        ));
        at = close + 1;
    }
    Ok(found.map(|(_, block)| block))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toml(text: &str) -> Result<Option<(String, usize)>, Error> {
        Ok(find(text, Path::new("a.py"))?.map(|b| (b.toml, b.first_line)))
    }

    #[test]
    fn finds_the_block_and_its_line() {
        let text = "#!/usr/bin/env python\n# /// script\n# dependencies = [\n#   'six',\n# ]\n#\n# ///\nimport six\n";
        let (found, line) = toml(text).unwrap().unwrap();
        assert_eq!(found, "dependencies = [\n  'six',\n]\n\n");
        assert_eq!(line, 3);
    }

    #[test]
    fn none_and_other_types() {
        assert!(toml("print(1)\n").unwrap().is_none());
        assert!(toml("# /// pyproject\n# x = 1\n# ///\n").unwrap().is_none());
    }

    #[test]
    fn the_last_end_mark_of_the_run_closes() {
        let (found, _) = toml("# /// script\n# a = '''\n# ///\n# '''\n# ///\n")
            .unwrap()
            .unwrap();
        assert_eq!(found, "a = '''\n///\n'''\n");
    }

    #[test]
    fn open_and_second_blocks_are_errors() {
        let open = toml("x = 1\n# /// script\n# dependencies = []\nimport os\n").unwrap_err();
        assert_eq!(
            open.to_string(),
            "a.py, line 2: the `# /// script` block is not closed by a line `# ///`"
        );
        let second = toml("# /// script\n# ///\n\n# /// script\n# ///\n").unwrap_err();
        assert_eq!(
            second.to_string(),
            "a.py, line 4: a second `# /// script` block (the first is at line 1)"
        );
    }
}
