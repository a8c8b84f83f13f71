//! Environment markers (PEP 508): does `sys_platform == "linux" and python_version >= "3.9"` hold where sealed
//! apps run? Extras are none: what an extra brings is named by whoever asks for it.

use crate::{PYTHON_VERSION, specifier};

/// Whether a marker holds, or `None` where the text is none.
pub(crate) fn holds(text: &str) -> Option<bool> {
    let mut rest = Tokens(text);
    let value = rest.or()?;
    rest.0.trim().is_empty().then_some(value)
}

/// What is left of a marker.
struct Tokens<'a>(&'a str);

impl<'a> Tokens<'a> {
    fn or(&mut self) -> Option<bool> {
        let mut value = self.and()?;
        while self.word("or") {
            // Both sides are read, whatever the first says.
            let right = self.and()?;
            value |= right;
        }
        Some(value)
    }

    fn and(&mut self) -> Option<bool> {
        let mut value = self.one()?;
        while self.word("and") {
            let right = self.one()?;
            value &= right;
        }
        Some(value)
    }

    fn one(&mut self) -> Option<bool> {
        if self.sign("(") {
            let value = self.or()?;
            return self.sign(")").then_some(value);
        }
        let left = self.value()?;
        let operator = self.operator()?;
        let right = self.value()?;
        compare(&left, operator, &right)
    }

    /// A name of the environment or a quoted text.
    fn value(&mut self) -> Option<Value<'a>> {
        let text = self.0.trim_start();
        if let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) {
            let (inner, rest) = text[1..].split_once(quote)?;
            self.0 = rest;
            return Some(Value {
                text: inner.into(),
                version: false,
            });
        }
        let end = text
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.'))
            .unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        self.0 = rest;
        environment(name)
    }

    fn operator(&mut self) -> Option<&'static str> {
        for sign in ["===", "~=", "==", "!=", "<=", ">=", "<", ">"] {
            if self.sign(sign) {
                return Some(sign);
            }
        }
        if self.word("in") {
            return Some("in");
        }
        (self.word("not") && self.word("in")).then_some("not in")
    }

    fn sign(&mut self, sign: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(sign);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn word(&mut self, word: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(word);
        let rest = rest.filter(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'));
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }
}

struct Value<'a> {
    text: std::borrow::Cow<'a, str>,
    /// Whether it is compared as a version.
    version: bool,
}

/// Where sealed apps run.
fn environment(name: &str) -> Option<Value<'static>> {
    let [major, minor, patch] = PYTHON_VERSION;
    let text = match name {
        "python_version" => {
            return Some(Value {
                text: format!("{major}.{minor}").into(),
                version: true,
            });
        }
        "python_full_version" | "implementation_version" => {
            return Some(Value {
                text: format!("{major}.{minor}.{patch}").into(),
                version: true,
            });
        }
        "os_name" | "os.name" => "posix",
        "sys_platform" | "sys.platform" => "linux",
        "platform_machine" | "platform.machine" => std::env::consts::ARCH,
        "platform_system" => "Linux",
        "platform_python_implementation" | "python_implementation" => "CPython",
        "implementation_name" => "cpython",
        // The user's machine has its own, which nobody knows here.
        "platform_release" | "platform_version" | "platform.version" | "extra" | "extras"
        | "dependency_groups" => "",
        _ => return None,
    };
    Some(Value {
        text: text.into(),
        version: false,
    })
}

fn compare(left: &Value<'_>, operator: &'static str, right: &Value<'_>) -> Option<bool> {
    let (a, b) = (left.text.as_ref(), right.text.as_ref());
    match operator {
        "in" => return Some(b.contains(a)),
        "not in" => return Some(!b.contains(a)),
        _ => {}
    }
    let version = match (left.version, right.version) {
        (true, _) => version(a).zip(Some((operator, b))),
        // "3.9" <= python_version
        (_, true) => version(b).zip(Some((turned(operator), a))),
        _ => None,
    };
    if let Some((version, (operator, text))) = version
        && let Some(holds) = specifier::satisfies(&format!("{operator}{text}"), version)
    {
        return Some(holds);
    }
    Some(match operator {
        "==" | "===" => a == b,
        "!=" => a != b,
        "<" => a < b,
        "<=" => a <= b,
        ">" => a > b,
        ">=" => a >= b,
        _ => return None,
    })
}

fn turned(operator: &'static str) -> &'static str {
    match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        same => same,
    }
}

fn version(text: &str) -> Option<[u32; 3]> {
    let mut numbers = text.split('.').map(|n| n.parse().ok());
    let mut next = || numbers.next().unwrap_or(Some(0));
    Some([next()?, next()?, next()?])
}

#[cfg(test)]
mod tests {
    use super::holds;

    fn check(text: &str, expected: Option<bool>) {
        assert_eq!(holds(text), expected, "{text}");
    }

    #[test]
    fn markers() {
        check("sys_platform == 'linux'", Some(true));
        check(
            "sys_platform == 'win32' or os_name == \"posix\"",
            Some(true),
        );
        check("sys_platform == 'win32' or os_name == 'nt'", Some(false));
        check(
            "python_version >= '3.9' and python_full_version < '3.13.6'",
            Some(true),
        );
        check("python_version < '3.10'", Some(false));
        check("python_version == '3.13'", Some(true));
        check("python_full_version == '3.13.*'", Some(true));
        check("'3.9' <= python_version", Some(true));
        check("platform_machine in 'x86_64 aarch64 armv7l'", Some(true));
        check(
            "platform_machine not in 'x86_64 aarch64 armv7l'",
            Some(false),
        );
        check(
            "(sys_platform == 'darwin' or sys_platform == 'linux') and implementation_name != 'pypy'",
            Some(true),
        );
        check(
            "sys_platform == 'linux' and (python_version < '3' or platform_system == 'Windows')",
            Some(false),
        );
        check("extra == 'test'", Some(false));
        check("platform_python_implementation != 'PyPy'", Some(true));
        check("platform_release >= '5'", Some(false));
    }

    #[test]
    fn not_markers() {
        check("", None);
        check("sys_platform", None);
        check("sys_platform == linux", None);
        check("sys_platform == 'linux", None);
        check("(sys_platform == 'linux'", None);
        check("sys_platform == 'linux' or", None);
        check("sys_platform == 'linux' python_version > '3'", None);
        check("sys_platform ~= 'linux'", None);
        check("é == 'x'", None);
    }
}
