//! Slugs: names that can stand in a URL.

use crate::text;

/// The longest slug before its number.
const LONGEST: usize = 80;
/// The slug of somebody of whom nothing is known that could be written in ASCII.
const NOTHING: &str = "prospect";

/// The slug of a prospect, without the number that makes it unique: from the name, else from the local part of the
/// e-mail address, else from the LinkedIn profile.
#[must_use]
pub fn of_prospect(name: Option<&str>, email: Option<&str>, linkedin: Option<&str>) -> String {
    let local = email.and_then(|email| email.split('@').next());
    let profile = linkedin.and_then(|url| url.rsplit('/').next());
    let found = [name, local, profile].into_iter().flatten().find_map(kebab);
    found.unwrap_or_else(|| NOTHING.to_owned())
}

/// ASCII letters and digits in lower case, everything between them one hyphen. `None` when there are none.
fn kebab(input: &str) -> Option<String> {
    let mut out = String::new();
    for c in text::fold(input).chars() {
        if out.len() == LONGEST {
            break;
        }
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !matches!(c, '\'' | '’') && !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let slug = out.trim_end_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}

#[cfg(test)]
mod tests {
    use super::of_prospect;

    #[test]
    fn a_slug_is_made_of_the_first_thing_that_can_be_written() {
        let profile = Some("https://www.linkedin.com/in/ann-lee-42");
        for (name, email, linkedin, slug) in [
            (Some("Ann Lee"), Some("x@acme.io"), profile, "ann-lee"),
            (Some("  Zoë   O'Brien–Ørsted, PhD. "), None, None, "zoe-obrien-orsted-phd"),
            (Some("王小明"), Some("wang.xm+crm@acme.io"), None, "wang-xm-crm"),
            (Some("!!!"), None, profile, "ann-lee-42"),
            (None, Some("_@acme.io"), None, "prospect"),
            (None, None, None, "prospect"),
            (Some("王 Li"), None, None, "li"),
        ] {
            assert_eq!(of_prospect(name, email, linkedin), slug);
        }
        let long = "ab ".repeat(100);
        let slug = of_prospect(Some(&long), None, None);
        assert!(slug.len() <= 80 && slug.starts_with("ab-ab-") && slug.ends_with("ab"), "{slug}");
    }
}
