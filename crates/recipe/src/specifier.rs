//! `requires-python`: does our Python satisfy a version specifier (PEP 440)?
//! Release numbers only: a Python that we ship is never a pre-release, a local or a post version.

/// Whether `version` satisfies `specifier`, or `None` where the text is no specifier.
pub(crate) fn satisfies(specifier: &str, version: [u32; 3]) -> Option<bool> {
    let mut all = true;
    for clause in specifier
        .split(',')
        .map(str::trim)
        .filter(|c| !c.is_empty())
    {
        all &= clause_holds(clause, version)?;
    }
    Some(all)
}

fn clause_holds(clause: &str, version: [u32; 3]) -> Option<bool> {
    const OPERATORS: [&str; 8] = ["===", "~=", "==", "!=", "<=", ">=", "<", ">"];
    let operator = OPERATORS.into_iter().find(|o| clause.starts_with(o))?;
    let text = clause[operator.len()..].trim();
    let (text, wildcard) = match text.strip_suffix(".*") {
        Some(prefix) => (prefix, true),
        None => (text, false),
    };
    if wildcard && !matches!(operator, "==" | "!=") {
        return None;
    }
    let wanted = release(text)?;
    let given = wanted.len().min(3);
    let matches = if wildcard {
        version[..given] == wanted[..given]
    } else {
        padded(&wanted) == version
    };
    Some(match operator {
        "==" | "===" => matches,
        "!=" => !matches,
        "<=" => version <= padded(&wanted),
        ">=" => version >= padded(&wanted),
        "<" => version < padded(&wanted),
        ">" => version > padded(&wanted),
        // "~= 3.12.1" is ">= 3.12.1, == 3.12.*"; with one number it has no meaning.
        _ if wanted.len() < 2 => return None,
        _ => version >= padded(&wanted) && version[..given - 1] == wanted[..given - 1],
    })
}

fn padded(release: &[u32]) -> [u32; 3] {
    let at = |i| release.get(i).copied().unwrap_or(0);
    [at(0), at(1), at(2)]
}

/// "3.13.0rc1" -> [3, 13, 0]: a pre-release marker says no more than its release for our purpose.
fn release(text: &str) -> Option<Vec<u32>> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let tail = text[end..].trim_start_matches(['-', '_', '.']);
    let known = [
        "a", "b", "c", "rc", "alpha", "beta", "pre", "post", "dev", "+",
    ];
    if !tail.is_empty() && !known.iter().any(|k| tail.starts_with(k)) {
        return None;
    }
    text[..end]
        .trim_end_matches('.')
        .split('.')
        .map(|n| n.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::satisfies;

    fn check(specifier: &str, expected: Option<bool>) {
        assert_eq!(satisfies(specifier, [3, 13, 5]), expected, "{specifier}");
    }

    #[test]
    fn clauses() {
        check(">=3.9", Some(true));
        check(">=3.9,<4", Some(true));
        check(" >= 3.9 , < 3.13 ", Some(false));
        check("==3.13.*", Some(true));
        check("!=3.13.*", Some(false));
        check("==3.13", Some(false));
        check("==3.13.5", Some(true));
        check("~=3.12", Some(true));
        check("~=3.12.0", Some(false));
        check("~=3.13.2", Some(true));
        check("<3.14.0a1", Some(true));
        check(">3.13.5", Some(false));
        check("<=3.13.5", Some(true));
        check("===3.13.5", Some(true));
        check("", Some(true));
    }

    #[test]
    fn not_specifiers() {
        check("3.11", None);
        check(">=three", None);
        check(">=3.*", None);
        check("~=3", None);
        check("=>3.9", None);
    }
}
