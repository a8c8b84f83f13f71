//! Names that were meant: the known name with the fewest letters changed.

/// The nearest of the known names, if one is near enough to be meant.
pub(super) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let far = 1 + name.chars().count() / 4;
    known
        .map(|k| (distance(name, k), k))
        .filter(|(d, _)| *d <= far)
        .min()
        .map(|(_, k)| k)
}

/// Letters to insert, remove or replace (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_what_is_near() {
        let known = ["run_module", "run_command", "sys_frozen"];
        assert_eq!(nearest("run_modul", known.into_iter()), Some("run_module"));
        assert_eq!(nearest("sys_forzen", known.into_iter()), Some("sys_frozen"));
        assert_eq!(nearest("colour", known.into_iter()), None);
    }
}
