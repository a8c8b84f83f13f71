//! Versions of Python packages as dpkg and rpm compare them.

/// PEP 440's version in the form that both understand: what comes before a release has a tilde.
pub(crate) fn native(version: &str) -> Option<String> {
    let version = version
        .trim()
        .trim_start_matches(['v', 'V'])
        .to_ascii_lowercase();
    let (epoch, rest) = match version.split_once('!') {
        Some((epoch, rest)) => (Some(epoch), rest),
        None => (None, version.as_str()),
    };
    let (public, local) = match rest.split_once('+') {
        Some((public, local)) => (public, Some(local)),
        None => (rest, None),
    };
    let mut out = String::new();
    if let Some(epoch) = epoch.filter(|e| *e != "0") {
        out += epoch;
        out.push(':');
    }
    let release = public
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(public.len());
    out += public[..release].trim_end_matches(['.', '-', '_']);
    let suffix: String = public[release..]
        .chars()
        .filter(|c| !".-_".contains(*c))
        .collect();
    if !suffix.is_empty() {
        // After the release itself, or before it.
        out.push(if suffix.starts_with("post") { '+' } else { '~' });
        out += &suffix;
    }
    if let Some(local) = local {
        out.push('+');
        out += &local.replace(['-', '_'], ".");
    }
    let begins = out.trim_start_matches(|c: char| c.is_ascii_digit());
    let plain = |c: char| c.is_ascii_alphanumeric() || ".+~:".contains(c);
    (begins.len() < out.len() && out.chars().all(plain)).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::native;

    #[test]
    fn releases_come_after_what_comes_before_them() {
        for (version, expected) in [
            ("1.2.0", "1.2.0"),
            ("2.0rc1", "2.0~rc1"),
            ("2.0.dev3", "2.0~dev3"),
            ("1.0.post2", "1.0+post2"),
            ("1!2.0", "1:2.0"),
            ("1.0+local-3", "1.0+local.3"),
            ("v3", "3"),
        ] {
            assert_eq!(native(version).as_deref(), Some(expected), "{version}");
        }
        for bad in ["", "dev", "1.0 beta", "1/2"] {
            assert_eq!(native(bad), None, "{bad}");
        }
    }
}
