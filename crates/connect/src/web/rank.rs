//! Which pages of a site are asked for.

use super::PageLink;
use sluice_model::text::words;
use url::Url;

/// Words that say nothing of a page.
const EMPTY: [&str; 38] = [
    "a", "all", "an", "and", "any", "at", "by", "find", "for", "from", "in", "is", "it", "look", "of", "on",
    "or", "page", "pages", "site", "that", "the", "this", "to", "website", "where", "which", "with", "das",
    "der", "die", "ein", "eine", "im", "oder", "seite", "seiten", "und",
];

/// Words for the same kind of page, as beginnings of words; the languages are those of most sites of our users.
const KINDS: [&[&str]; 6] = [
    &[
        "career", "job", "hiring", "vacanc", "recruit", "position", "opening", "karriere", "stellen",
        "emploi", "empleo",
    ],
    &["about", "company", "who", "ueber", "uber", "unternehmen", "team", "story", "history", "profil"],
    &[
        "product", "solution", "service", "platform", "feature", "produkt", "losung", "loesung", "leistung",
        "angebot",
    ],
    &["contact", "imprint", "legal", "location", "office", "kontakt", "impressum", "standort", "anfahrt"],
    &["price", "pricing", "plan", "cost", "preis", "tarif"],
    &["news", "press", "blog", "media", "aktuell", "presse", "neuigkeit"],
];

/// What is looked for.
pub(super) struct Search {
    /// Each word with those for the same kind of page.
    wanted: Vec<(String, Option<&'static [&'static str]>)>,
}

impl Search {
    pub fn new(search: &str) -> Self {
        let mut wanted: Vec<(String, Option<_>)> = Vec::new();
        for word in words(search) {
            if !EMPTY.contains(&word.as_str()) && wanted.iter().all(|(known, _)| *known != word) {
                let kind = KINDS.iter().find(|kind| kind.iter().any(|known| word.starts_with(known)));
                wanted.push((word, kind.copied()));
            }
        }
        Self { wanted }
    }

    /// How well a page fits: words found themselves count double, words for the same kind of page once.
    fn score(&self, link: &PageLink) -> u32 {
        let mut said = words(link.text.as_deref().unwrap_or_default());
        said.extend(words(&percent_encoding::percent_decode_str(link.url.path()).decode_utf8_lossy()));
        let mut score = 0;
        for (word, kind) in &self.wanted {
            let is_said = said.iter().any(|said| is_alike(said, word));
            let is_kind = || kind.is_some_and(|kind| said.iter().any(|said| is_of_kind(said, kind)));
            score += if is_said { 2 } else { u32::from(is_kind()) };
        }
        score
    }

    /// Puts those that fit best first; among equals, those less deep in the site, then the order they had.
    pub fn sort(&self, links: &mut Vec<PageLink>) {
        let mut scored: Vec<_> =
            links.drain(..).map(|link| (self.score(&link), depth(&link.url), link)).collect();
        scored.sort_by_key(|(score, depth, _)| {
            (std::cmp::Reverse(*score), if *score > 0 { *depth } else { 0 })
        });
        links.extend(scored.into_iter().map(|(_, _, link)| link));
    }
}

fn is_of_kind(said: &str, kind: &[&str]) -> bool {
    kind.iter().any(|known| said.starts_with(known))
}

/// Whether two words are one but for their ends: `career` and `careers`, `hire` and `hiring` are not worth a stemmer.
fn is_alike(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short == long || (short.chars().count() >= 4 && long.starts_with(short) && long.len() - short.len() <= 3)
}

fn depth(url: &Url) -> usize {
    url.path_segments().map_or(0, |segments| segments.filter(|segment| !segment.is_empty()).count())
}

#[cfg(test)]
mod tests {
    use super::{PageLink, Search};
    use url::Url;

    fn sorted(search: &str, links: &[(&str, &str)]) -> Vec<String> {
        let link = |(path, text): &(&str, &str)| PageLink {
            url: Url::parse("https://a.example/").unwrap().join(path).unwrap(),
            text: Some((*text).to_owned()).filter(|text| !text.is_empty()),
        };
        let mut links: Vec<PageLink> = links.iter().map(link).collect();
        Search::new(search).sort(&mut links);
        links.into_iter().map(|link| link.url.path().to_owned()).collect()
    }

    #[test]
    fn pages_that_fit_come_first_and_others_keep_their_order() {
        let site = [
            ("/news/2024/careers-day", ""),
            ("/produkte", "Produkte"),
            ("/karriere", "Arbeiten bei uns"),
            ("/%C3%BCber-uns", "Über uns"),
            ("/x", "Our Careers"),
            ("/kontakt", "Kontakt"),
        ];
        let order = |search| sorted(search, &site);
        let same: Vec<String> =
            ["/news/2024/careers-day", "/produkte", "/karriere", "/%C3%BCber-uns", "/x", "/kontakt"]
                .map(str::to_owned)
                .to_vec();
        assert_eq!(order(""), same);
        assert_eq!(order("the page of all"), same, "nothing is said by these");
        assert_eq!(
            order("Find the career page"),
            ["/x", "/news/2024/careers-day", "/karriere", "/produkte", "/%C3%BCber-uns", "/kontakt"]
        );
        assert_eq!(order("ÜBER UNS")[0], "/%C3%BCber-uns");
        assert_eq!(order("about the company")[0], "/%C3%BCber-uns", "the kind in another language");
        assert_eq!(order("contact")[0], "/kontakt");
        assert_eq!(order("products")[0], "/produkte");
    }
}
