//! Finds the names that a misspelt one may have meant.

/// The candidates nearest to `word`, best first, at most three. Names that contain one another count
/// as near (静安 and 静安区), others by the number of characters to change.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word_length = word.chars().count();
    let mut found: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let length = candidate.chars().count();
            let distance = distance(&word.to_lowercase(), &candidate.to_lowercase());
            let contained = word_length > 1 && (candidate.contains(word) || (length > 1 && word.contains(candidate)));
            // A third of the characters may differ; a two-character name may differ in one.
            let near = distance <= (word_length.max(length) / 3).max(1) && distance < length.max(2);
            (contained || near).then_some((if contained { distance.min(1) } else { distance }, candidate))
        })
        .collect();
    found.sort_by_key(|(distance, _)| *distance);
    found.dedup_by_key(|(_, candidate)| *candidate);
    found.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

/// Levenshtein's distance with transpositions of neighbours (the usual slip of the fingers).
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(64).collect();
    let right: Vec<char> = right.chars().take(64).collect();
    let mut rows = vec![(0..=right.len()).collect::<Vec<_>>()];
    for i in 1..=left.len() {
        let mut row = vec![i];
        for j in 1..=right.len() {
            let change = usize::from(left[i - 1] != right[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_what_was_meant() {
        let names = ["title", "date", "district", "topics", "静安区", "长宁区", "浦东新区"];
        assert_eq!(nearest("tilte", names), ["title"]);
        assert_eq!(nearest("distrct", names), ["district"]);
        assert_eq!(nearest("topic", names), ["topics"]);
        assert_eq!(nearest("静安", names), ["静安区"]);
        assert_eq!(nearest("浦东", names), ["浦东新区"]);
        assert_eq!(nearest("weather", names), Vec::<&str>::new());
    }
}
