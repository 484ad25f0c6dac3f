//! Search strings in the text of pages: substrings after folding of case, accents and white space.

use sluice_model::evidence::{MAX_EXCERPT, cut};
use sluice_model::text::{fold, words_of};
use url::Url;

/// How many further pages are looked at beside the home page.
pub const LIKELY_PAGES: usize = 4;
/// Characters shown before what was found.
const BEFORE: usize = 80;

/// A string to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needle {
    /// As it was written.
    pub text: String,
    folded: String,
}

impl Needle {
    /// The strings as they are compared. One that is all white space asks for nothing and is left out.
    #[must_use]
    pub fn all(texts: &[String]) -> Vec<Self> {
        let needle = |text: &String| Self { text: text.clone(), folded: fold(text) };
        texts.iter().map(needle).filter(|needle| !needle.folded.is_empty()).collect()
    }
}

/// The first of these strings, in their order, that stands in the text, whose folded form is `folded`; with the text
/// around it.
#[must_use]
pub fn first_hit<'n>(text: &str, folded: &str, needles: &'n [Needle]) -> Option<(&'n Needle, String)> {
    needles.iter().find_map(|needle| {
        let at = folded.find(&needle.folded)?;
        Some((needle, excerpt(text, at)))
    })
}

/// The text around the place that is `at` bytes into its folded form.
fn excerpt(text: &str, at: usize) -> String {
    let mut folded = 0;
    let mut after_space = true;
    let mut hit = 0;
    for (number, character) in text.chars().enumerate() {
        if folded > at {
            break;
        }
        hit = number;
        if character.is_whitespace() {
            folded += usize::from(!after_space);
            after_space = true;
        } else {
            let length = if character.is_ascii() { 1 } else { fold(&character.to_string()).len() };
            folded += length;
            after_space = after_space && length == 0;
        }
    }
    let from = hit.saturating_sub(BEFORE);
    let around: String = text.chars().skip(from).take(2 * MAX_EXCERPT).collect();
    let words: Vec<&str> = around.split_whitespace().collect();
    let lead = if from > 0 { "…" } else { "" };
    cut(&(lead.to_owned() + &words.join(" ")), MAX_EXCERPT)
}

/// The pages of the same site that are most likely to hold these strings: by how many of their words stand in the
/// address and the text of a link, then in the order of the page. `home` itself is not among them.
#[must_use]
pub fn likely_pages(home: &Url, links: &[(Url, Option<String>)], needles: &[Needle]) -> Vec<Url> {
    let wanted: Vec<String> = needles.iter().flat_map(|needle| words_of(&needle.folded)).collect();
    let mut pages: Vec<(usize, Url)> = Vec::new();
    for (url, text) in links {
        let mut url = url.clone();
        url.set_fragment(None);
        let fresh = !same_page(&url, home) && !pages.iter().any(|(_, known)| same_page(known, &url));
        if !fresh || !is_same_site(home, &url) {
            continue;
        }
        let shown = fold(&format!("{} {}", url.path(), text.as_deref().unwrap_or_default()));
        let score = wanted.iter().filter(|word| shown.contains(word.as_str())).count();
        pages.push((score, url));
    }
    pages.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    pages.truncate(LIKELY_PAGES);
    pages.into_iter().map(|(_, url)| url).collect()
}

fn same_page(one: &Url, other: &Url) -> bool {
    let place = |url: &Url| (bare_host(url).to_owned(), url.path().trim_end_matches('/').to_owned());
    place(one) == place(other) && one.query() == other.query()
}

/// Whether an address is of the same host, or of one below it.
fn is_same_site(home: &Url, url: &Url) -> bool {
    let (home, host) = (bare_host(home), bare_host(url));
    let below = host.strip_suffix(home).is_some_and(|rest| rest.ends_with('.'));
    matches!(url.scheme(), "http" | "https") && (host == home || below)
}

/// The host without `www.`, as sites are named in sentences.
#[must_use]
pub fn bare_host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::{Needle, first_hit, likely_pages};
    use sluice_model::text::fold;
    use url::Url;

    fn needles(texts: &[&str]) -> Vec<Needle> {
        Needle::all(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    fn hit(text: &str, of: &[&str]) -> Option<(String, String)> {
        let needles = needles(of);
        first_hit(text, &fold(text), &needles).map(|(needle, excerpt)| (needle.text.clone(), excerpt))
    }

    #[test]
    fn strings_are_found_whatever_their_case_accents_and_spaces() {
        let text = "Über uns\n\nWir  SUCHEN\tVerstärkung: Straße 1";
        for (needle, found) in [
            ("wir suchen", true),
            ("verstarkung", true),
            ("VERSTÄRKUNG", true),
            ("strasse", true),
            ("uns wir", true),
            ("stärk", true),
            ("hiring", false),
        ] {
            assert_eq!(hit(text, &[needle]).is_some(), found, "{needle}");
        }
        assert_eq!(hit(text, &["hiring", "straße"]).map(|(needle, _)| needle), Some("straße".to_owned()));
        assert_eq!(hit(text, &["", " \n"]), None, "nothing is asked for");
    }

    #[test]
    fn the_excerpt_stands_round_the_hit() {
        let text = format!("{} Größe: WE ARE\nHIRING now. {}", "ä wörd ".repeat(500), "x ".repeat(500));
        let (_, excerpt) = hit(&text, &["we are hiring"]).expect("it stands there");
        assert_eq!(excerpt.chars().count(), 300, "{excerpt}");
        let place = excerpt.find("WE ARE HIRING now.").expect("it is shown");
        assert!(excerpt.starts_with('…') && excerpt.ends_with('…') && place < 200, "{excerpt}");
        assert_eq!(
            hit("We are hiring", &["we"]).map(|(_, excerpt)| excerpt).as_deref(),
            Some("We are hiring")
        );
    }

    #[test]
    fn likely_pages_are_of_the_site_and_best_first() {
        let home = Url::parse("https://www.acme.example/").expect("a URL");
        let link = |url: &str, text: &str| (Url::parse(url).expect("a URL"), Some(text.to_owned()));
        let links = [
            link("https://acme.example", "Home"),
            link("https://acme.example/about#team", "About"),
            link("https://acme.example/about/", "About us"),
            link("https://other.example/hiring", "Hiring"),
            link("https://notacme.example/hiring", "Hiring"),
            link("mailto:jobs@acme.example", "Hiring"),
            link("https://acme.example/products", "Products"),
            link("https://jobs.acme.example/open", "We are hiring"),
            link("https://acme.example/contact", "Contact"),
            link("https://acme.example/press", "Press"),
        ];
        let found = likely_pages(&home, &links, &needles(&["Hiring", "open roles"]));
        let found: Vec<&str> = found.iter().map(Url::as_str).collect();
        assert_eq!(
            found,
            [
                "https://jobs.acme.example/open",
                "https://acme.example/about",
                "https://acme.example/products",
                "https://acme.example/contact",
            ]
        );
    }
}
