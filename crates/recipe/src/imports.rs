//! Which modules a source file names in its import statements, found without running Python.
//!
//! Strings and comments are set aside, logical lines are joined, and what begins with `import` or
//! `from` is read. Naming one module too many does no harm (a name counts only where a file of that
//! name lies beside the script), so the scan leans to finding more, also inside functions and `try`.

use crate::source;

/// One imported name: `from ..a import b` is level 2, module `a`, names `[b]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Import {
    /// Leading dots.
    pub(crate) level: usize,
    /// Dotted name, empty for `from . import x`.
    pub(crate) module: String,
    /// What is taken out of it, which may be submodules.
    pub(crate) names: Vec<String>,
}

/// Every import of a source text, in order.
pub(crate) fn scan(text: &str) -> Vec<Import> {
    let (lines, strings) = logical_lines(text);
    of_lines(&lines, &strings)
}

fn of_lines(lines: &[String], strings: &[String]) -> Vec<Import> {
    let mut found = Vec::new();
    for line in lines {
        for call in ["import_module(", "__import__("] {
            for (at, _) in line.match_indices(call) {
                let argument = line[at + call.len()..].trim_start();
                let literal = argument.strip_prefix('"').and_then(|r| r.split('"').next());
                if let Some(name) = literal.and_then(|n| strings.get(n.parse::<usize>().ok()?)) {
                    found.push(Import {
                        level: 0,
                        module: name.clone(),
                        names: Vec::new(),
                    });
                }
            }
        }
        for part in line.split([';', ':']) {
            statement(part.trim(), &mut found);
        }
    }
    found.retain(|i| i.level > 0 || is_dotted(&i.module));
    found
}

/// Lines that run as the module is imported: those of functions do not.
fn outside_functions(mut lines: Vec<String>) -> Vec<String> {
    let mut function = None;
    lines.retain(|line| {
        let rest = line.trim_start();
        let depth = line.len() - rest.len();
        if rest.is_empty() || function.is_some_and(|f| depth > f) {
            return false;
        }
        let begins = rest.starts_with("def ") || rest.starts_with("async def ");
        function = begins.then_some(depth);
        !begins
    });
    lines
}

/// Dotted names that a module's source may import as it is imported itself: modules, and what may be modules in packages.
/// `package` is the package that the module is in, or is.
#[must_use]
pub fn imported(source: &[u8], package: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (lines, strings) = logical_lines(&source::decode(source));
    let mut imports = of_lines(&outside_functions(lines), &strings);
    imports.retain(|i| i.level > 0 || is_dotted(&i.module));
    for import in imports {
        let above: Vec<&str> = package.split('.').filter(|p| !p.is_empty()).collect();
        let base = match import.level {
            0 => import.module,
            // Beyond the topmost package there is nothing.
            n if n > above.len() => continue,
            n => {
                let kept = &above[..=above.len() - n];
                let module = Some(&*import.module).filter(|m| !m.is_empty());
                kept.iter()
                    .copied()
                    .chain(module)
                    .collect::<Vec<_>>()
                    .join(".")
            }
        };
        names.extend(import.names.iter().map(|name| format!("{base}.{name}")));
        names.push(base);
    }
    names
}

/// Whether a text is a dotted name.
pub(crate) fn is_dotted(text: &str) -> bool {
    text.split('.').all(|p| {
        p.starts_with(|c: char| c == '_' || c.is_alphabetic())
            && p.chars().all(|c| c == '_' || c.is_alphanumeric())
    })
}

fn statement(line: &str, found: &mut Vec<Import>) {
    if let Some(rest) = keyword(line, "import") {
        for item in rest.split(',') {
            let module = item.split_whitespace().next().unwrap_or("").to_owned();
            found.push(Import {
                level: 0,
                module,
                names: Vec::new(),
            });
        }
    } else if let Some(rest) = keyword(line, "from") {
        let level = rest.len() - rest.trim_start_matches(['.', ' ']).len();
        let level = rest[..level].matches('.').count();
        let rest = rest.trim_start_matches(['.', ' ']);
        // In `from . import x` the dots are gone and `import` is first.
        let (module, names) = match keyword(rest, "import") {
            Some(names) => ("", names),
            None => match rest.split_once(" import") {
                Some((module, names)) => (module.trim(), names),
                None => return,
            },
        };
        let names = names
            .split(',')
            .filter_map(|n| {
                n.trim_matches([' ', '(', ')', '\t'])
                    .split_whitespace()
                    .next()
            })
            .filter(|n| *n != "*")
            .map(str::to_owned)
            .collect();
        found.push(Import {
            level,
            module: module.replace(' ', ""),
            names,
        });
    }
}

fn keyword<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(word)?;
    rest.starts_with([' ', '\t', '.', '(']).then(|| rest.trim())
}

/// Logical lines with each string literal replaced by `"index"`, and the literals.
fn logical_lines(text: &str) -> (Vec<String>, Vec<String>) {
    let chars: Vec<char> = text.chars().collect();
    let (mut lines, mut strings, mut line) = (Vec::new(), Vec::new(), String::new());
    let (mut at, mut depth) = (0usize, 0usize);
    while at < chars.len() {
        match chars[at] {
            '#' => {
                while at < chars.len() && chars[at] != '\n' {
                    at += 1;
                }
                continue;
            }
            quote @ ('"' | '\'') => {
                let triple = chars[at..].starts_with(&[quote; 3]);
                let (literal, next) = string_literal(&chars, at, quote, triple);
                line.push_str(&format!("\"{}\"", strings.len()));
                strings.push(literal);
                at = next;
                continue;
            }
            '\\' if chars.get(at + 1) == Some(&'\n') => {
                line.push(' ');
                at += 1;
            }
            '\n' if depth > 0 => line.push(' '),
            '\n' => lines.push(std::mem::take(&mut line)),
            c => {
                match c {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                line.push(c);
            }
        }
        at += 1;
    }
    lines.push(line);
    (lines, strings)
}

fn string_literal(chars: &[char], start: usize, quote: char, triple: bool) -> (String, usize) {
    let width = if triple { 3 } else { 1 };
    let mut at = start + width;
    let mut literal = String::new();
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 1,
            '\n' if !triple => return (literal, at),
            c if c == quote && (!triple || chars[at..].starts_with(&[quote; 3])) => {
                return (literal, at + width);
            }
            c => literal.push(c),
        }
        at += 1;
    }
    (literal, at)
}

#[cfg(test)]
mod tests {
    use super::{imported, scan};

    #[test]
    fn names_that_may_be_modules() {
        let check = |source: &str, package: &str, expected: &[&str]| {
            assert_eq!(imported(source.as_bytes(), package), expected, "{source}");
        };
        check("import a.b\n", "p.q", &["a.b"]);
        check("from a import b, c\n", "", &["a.b", "a.c", "a"]);
        check("from . import b\n", "p.q", &["p.q.b", "p.q"]);
        check("from .c import d\n", "p.q", &["p.q.c.d", "p.q.c"]);
        check("from ..c import d\n", "p.q", &["p.c.d", "p.c"]);
        check("from ... import d\nimport e\n", "p.q", &["e"]);
        let inside =
            "try:\n    import a\nexcept E:\n    def f(x):\n\n        import b\n    import c\n";
        check(inside, "", &["a", "c"]);
    }

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = scan(text)
            .into_iter()
            .map(|i| {
                format!("{}{} {}", ".".repeat(i.level), i.module, i.names.join(","))
                    .trim_end()
                    .to_owned()
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn statements() {
        check("import a, b.c as d\n", &["a", "b.c"]);
        check("from a import (\n  b,  # why\n  c as d,\n)\n", &["a b,c"]);
        check(
            "from . import x\nfrom .y import z\nfrom .. import *\n",
            &[". x", ".y z", ".."],
        );
        check("from a.b \\\n  import c\n", &["a.b c"]);
        check(
            "def f():\n    try: import g\n    except ImportError: from h import i\n",
            &["g", "h i"],
        );
        check("x = 1; import y\n", &["y"]);
    }

    #[test]
    fn strings_and_comments_hold_no_imports() {
        check("'''\nimport a\n'''\n# import b\nx = \"import c\"\n", &[]);
        check("x = 'it\\'s'\nimport a\n", &["a"]);
        check("f\"{x['a']}\"\nimport b\n", &["b"]);
        check("important = 1\nfrom_ = 2\n", &[]);
    }

    #[test]
    fn calls_with_plain_names() {
        check(
            "importlib.import_module('plugins.one')\n__import__(\"two\")\nimport_module(name)\n",
            &["plugins.one", "two"],
        );
    }
}
