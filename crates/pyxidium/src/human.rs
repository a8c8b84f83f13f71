//! Numbers as people read them.

/// `14.1 MB`; powers of ten, as file managers show them.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// `1 package`, `3 packages`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {many}")
    }
}

/// Text that is cut to a width, which it then shows.
pub(crate) fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        text.to_owned()
    } else {
        text.chars().take(width - 1).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let shown: Vec<_> = [0, 999, 1000, 1_500_000, 999_960, 2_000_000_000]
            .into_iter()
            .map(size)
            .collect();
        assert_eq!(
            shown,
            ["0 B", "999 B", "1.0 kB", "1.5 MB", "1.0 MB", "2.0 GB"]
        );
    }
}
