//! The table's place in the documentation.

use anyhow::{Context as _, Result};
use std::path::Path;

const BEGIN: &str = "<!-- bench catalog: begin -->\n";
const END: &str = "<!-- bench catalog: end -->";

/// Puts `text` between the markers of a file.
///
/// # Errors
/// When the file cannot be read or written, or has no markers.
pub fn replace(path: &Path, text: &str) -> Result<()> {
    let page = std::fs::read_to_string(path)?;
    let page = between(&page, text).with_context(|| format!("{} has no place for it", path.display()))?;
    Ok(std::fs::write(path, page)?)
}

fn between(page: &str, text: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{}\n{END}{after}", text.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn only_what_lies_between_is_replaced() {
        let page = "a\n<!-- bench catalog: begin -->\nold\n<!-- bench catalog: end -->\nb\n";
        let new = "a\n<!-- bench catalog: begin -->\nnew\n<!-- bench catalog: end -->\nb\n";
        assert_eq!(between(page, "new\n").as_deref(), Some(new));
        assert_eq!(between(new, "new").as_deref(), Some(new));
        assert_eq!(between("a", "new"), None);
    }
}
