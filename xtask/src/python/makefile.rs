//! Reading variables out of CPython's configured `Makefile`.
//!
//! Knows assignments, continuation lines and `$(NAME)`; no functions, no rules.

use std::collections::BTreeMap;

pub struct Makefile(BTreeMap<String, String>);

impl Makefile {
    pub fn parse(text: &str) -> Self {
        let joined = text.replace("\\\n", " ");
        let assignment = |line: &str| {
            let (name, value) = line.split_once('=')?;
            let name = name.trim_end_matches([' ', '\t', ':', '?']);
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let is_name = !name.is_empty() && name.chars().all(plain);
            is_name.then(|| (name.to_string(), value.trim().to_string()))
        };
        Makefile(joined.lines().filter_map(assignment).collect())
    }

    /// The words of an expression such as `$(MODLIBS) $(LIBS)`, with all variables replaced.
    pub fn words(&self, expression: &str) -> Vec<String> {
        self.expand(expression, 0)
            .split_whitespace()
            .map(ToString::to_string)
            .collect()
    }

    fn expand(&self, text: &str, depth: u32) -> String {
        // Real Makefiles nest four or five deep; the bound only stops a variable naming itself.
        if depth > 20 {
            return String::new();
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("$(") {
            out += &rest[..start];
            let inner = &rest[start + 2..];
            let Some(end) = inner.find(')') else { break };
            let value = self.0.get(&inner[..end]).map_or("", String::as_str);
            out += &self.expand(value, depth + 1);
            rest = &inner[end + 1..];
        }
        out + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
LIBM=\t\t-lm
LIBEXPAT_A= Modules/expat/libexpat.a
MODULE_PYEXPAT_LDFLAGS=-lm $(LIBEXPAT_A)
MODULE__CURSES_LDFLAGS=-lncursesw \\
\t-ltinfo
MODLIBS=  $(MODULE_PYEXPAT_LDFLAGS) $(MODULE__CURSES_LDFLAGS) $(NOT_SET)
LOOP= a $(LOOP)
all:\tbuild
\tgcc FLAG=$(LIBM) x
";

    #[track_caller]
    fn check(expression: &str, expected: &[&str]) {
        assert_eq!(Makefile::parse(TEXT).words(expression), expected);
    }

    #[test]
    fn variables_are_replaced_all_the_way_down() {
        check("$(LIBM)", &["-lm"]);
        let all = [
            "-lm",
            "Modules/expat/libexpat.a",
            "-lncursesw",
            "-ltinfo",
            "-lm",
        ];
        check("$(MODLIBS) $(LIBM)", &all);
    }

    #[test]
    fn what_is_not_set_is_empty_and_a_loop_ends() {
        check("$(NOTHING)", &[]);
        check("$(FLAG)", &[]);
        assert!(Makefile::parse(TEXT).words("$(LOOP)").len() < 100);
    }
}
