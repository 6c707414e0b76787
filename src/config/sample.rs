//! The sample: a configuration with every setting, its default and what it is for. `help configuration` and a page of the manual show
//! it; a package brings it along.

/// The complete configuration that people are shown.
pub(crate) const SAMPLE: &str = include_str!("../../examples/config.toml");

#[cfg(test)]
mod tests {
    use super::SAMPLE;
    use crate::config::known::{COLUMN, ENTITY, TOP, keys};
    use std::collections::BTreeSet;

    #[test]
    fn every_key_stands_in_the_sample() {
        let is_word = |c: char| !(c.is_alphanumeric() || c == '_');
        let words: BTreeSet<&str> = SAMPLE.split(is_word).collect();
        let of_sections = TOP.iter().copied().flat_map(keys);
        let keys = of_sections.chain(TOP.iter()).chain(ENTITY).chain(COLUMN);
        let missing: Vec<&str> = keys.copied().filter(|key| !words.contains(key)).collect();
        assert!(missing.is_empty(), "the sample does not show {missing:?}");
    }
}
