//! Source files stay short enough to be read in one go.

use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// The most lines of a source file, its tests at the foot apart.
const MOST: usize = 500;

/// The source files that are too long, each with its number of lines.
///
/// # Errors
/// When a folder or a file cannot be read.
pub fn faults(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for directory in source_folders(root)? {
        walk(&directory, &mut |path, text| {
            let lines = counted_lines(text);
            if lines > MOST {
                let path = path.strip_prefix(root).unwrap_or(path).display();
                found.push(format!("{path} has {lines} lines, more than {MOST}"));
            }
        })?;
    }
    found.sort();
    Ok(found)
}

/// Whether any source file has an example in its documentation that can be run.
///
/// # Errors
/// As [`faults`].
pub fn any_doc_test(root: &Path) -> Result<bool> {
    let mut found = false;
    for directory in source_folders(root)? {
        walk(&directory, &mut |_, text| found |= has_doc_test(text))?;
    }
    Ok(found)
}

fn source_folders(root: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut folders = vec![root.join("xtask/src"), root.join("bench/src")];
    for entry in fs::read_dir(root.join("crates"))? {
        folders.push(entry?.path().join("src"));
    }
    folders.retain(|folder| folder.is_dir());
    Ok(folders)
}

fn walk(directory: &Path, visit: &mut dyn FnMut(&Path, &str)) -> Result<()> {
    for entry in fs::read_dir(directory).with_context(|| directory.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            if name != "tests" {
                walk(&path, visit)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "tests.rs" {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            visit(&path, &text);
        }
    }
    Ok(())
}

fn counted_lines(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let tests = (0..lines.len()).rev().find(|at| {
        lines[*at] == "#[cfg(test)]" && lines.get(at + 1).is_some_and(|next| next.starts_with("mod tests {"))
    });
    // Only what stands last: code below its tests counts with them.
    match tests {
        Some(at) if !lines[at + 2..lines.len().saturating_sub(1)].contains(&"}") => at,
        _ => lines.len(),
    }
}

fn has_doc_test(text: &str) -> bool {
    let mut inside = false;
    text.lines().any(|line| {
        let line = line.trim_start();
        let comment = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
        let Some(fence) = comment.and_then(|text| text.trim_start().strip_prefix("```")) else {
            return false;
        };
        inside = !inside;
        inside && matches!(fence.trim(), "" | "rust" | "no_run" | "should_panic" | "compile_fail")
    })
}

#[cfg(test)]
mod tests {
    use super::{counted_lines, has_doc_test};

    #[test]
    fn tests_at_the_foot_do_not_count() {
        let code = "fn a() {\n}\n";
        let tests = "#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\n";
        assert_eq!(counted_lines(code), 2);
        assert_eq!(counted_lines(&format!("{code}{tests}")), 2);
        assert_eq!(counted_lines(&format!("{code}{tests}{code}")), 9);
        assert_eq!(counted_lines(&format!("{code}#[cfg(test)]\nmod tests;\n")), 4);
    }

    #[test]
    fn only_rust_examples_are_run() {
        assert!(has_doc_test("/// Text.\n/// ```\n/// run();\n/// ```\n"));
        assert!(has_doc_test("//! ```no_run\n//! ```\n"));
        assert!(!has_doc_test("/// ```text\n/// A drawing.\n/// ```\nfn a() {}\n"));
        assert!(!has_doc_test("// ```\n// run();\n// ```\n"));
    }
}
