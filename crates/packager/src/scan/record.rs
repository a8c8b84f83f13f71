//! `RECORD`: the list of a distribution's files. Read as any installer wrote it, written in one form,
//! so that the same wheel gives the same bytes whichever installer laid it down.

/// The lines of a RECORD.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) lines: Vec<Line>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub(crate) path: String,
    hash: String,
    size: String,
}

impl Record {
    pub(crate) fn parse(text: &str) -> Self {
        let lines = text
            .lines()
            .filter(|l| !l.trim().is_empty())
            .map(|line| {
                let mut fields = fields(line).into_iter();
                let mut next = || fields.next().unwrap_or_default();
                Line {
                    path: next(),
                    hash: next(),
                    size: next(),
                }
            })
            .collect();
        Self { lines }
    }

    /// The text, sorted, with `own` as the line of the list itself.
    pub(crate) fn write(mut self, own: &str) -> String {
        self.lines.push(Line {
            path: own.to_owned(),
            hash: String::new(),
            size: String::new(),
        });
        self.lines.sort();
        self.lines.dedup();
        self.lines
            .iter()
            .map(|l| format!("{},{},{}\n", quoted(&l.path), l.hash, l.size))
            .collect()
    }
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// The fields of a line of comma-separated values.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut chars = line.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        let last = fields.len() - 1;
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                fields[last].push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => fields[last].push(c),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form() {
        let text = "b.py,sha256=x,1\n\"a,\"\"q\"\".py\",sha256=y,2\nd.dist-info/RECORD,,\n";
        let mut record = Record::parse(text);
        assert_eq!(record.lines[1].path, "a,\"q\".py");
        record.lines.pop();
        let expected = "\"a,\"\"q\"\".py\",sha256=y,2\nb.py,sha256=x,1\nd.dist-info/RECORD,,\n";
        assert_eq!(record.write("d.dist-info/RECORD"), expected);
    }
}
