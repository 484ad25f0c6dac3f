//! When two records of a CRM mean the same person or company.
//!
//! The rules are Bullhorn's (its duplicate check in the user interface, which its API does not make): a person is the
//! same by last name and the first two letters of the first name, or by primary e-mail; a company by its name without
//! full stops and without words that many names have, or by phone. Case and accents never tell two apart.

use sluice_model::{canon, text};

/// Words that tell no company from another.
const STOP_WORDS: [&str; 39] = [
    "ab",
    "ag",
    "and",
    "as",
    "bv",
    "co",
    "companies",
    "company",
    "corp",
    "corporation",
    "gmbh",
    "group",
    "holding",
    "holdings",
    "inc",
    "incorporated",
    "kg",
    "limited",
    "llc",
    "llp",
    "lp",
    "ltd",
    "ltda",
    "mbh",
    "nv",
    "oy",
    "plc",
    "pte",
    "pty",
    "sa",
    "sarl",
    "sas",
    "se",
    "solution",
    "solutions",
    "spa",
    "srl",
    "the",
    "und",
];

/// The words of a company's name that tell it apart, in their order: `The U.S. Steel Group, Inc.` → `us steel`. A name
/// of stop words alone keeps them. `None` when there is no word.
#[must_use]
pub fn company_key(name: &str) -> Option<String> {
    let words = text::words(&name.replace('.', ""));
    let kept: Vec<&str> = words.iter().map(String::as_str).filter(|word| !is_stop_word(word)).collect();
    let key = if kept.is_empty() { words.join(" ") } else { kept.join(" ") };
    (!key.is_empty()).then_some(key)
}

/// Whether a folded word tells no company from another.
#[must_use]
pub fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.contains(&word)
}

/// A person's name for comparison: the last name's words, and the first two letters of the first name. `None` unless
/// both have letters.
#[must_use]
pub fn person_key(first: &str, last: &str) -> Option<String> {
    let last = text::words(last).join(" ");
    let start: String = text::words(first).concat().chars().take(2).collect();
    (!last.is_empty() && !start.is_empty()).then(|| [last.as_str(), start.as_str()].join(", "))
}

/// What the rule compares of a person.
#[derive(Clone, Copy, Debug, Default)]
pub struct Who<'a> {
    pub first: Option<&'a str>,
    pub last: Option<&'a str>,
    /// The primary e-mail.
    pub email: Option<&'a str>,
}

/// Whether the rule takes both for one person.
#[must_use]
pub fn same_person(one: Who<'_>, other: Who<'_>) -> bool {
    let key = |who: Who<'_>| person_key(who.first?, who.last?);
    let email = |who: Who<'_>| who.email.and_then(email_key);
    let same = |one: Option<String>, other: Option<String>| one.is_some() && one == other;
    same(email(one), email(other)) || same(key(one), key(other))
}

/// An e-mail address for comparison. `None` when it is none.
#[must_use]
pub fn email_key(email: &str) -> Option<String> {
    canon::email(email).or_else(|| {
        // Addresses that our own reader refuses are still equal when they are written alike.
        let email = email.trim().to_lowercase();
        email.contains('@').then_some(email)
    })
}

/// A phone number for comparison: its digits with the country's code where it is given, without leading zeros where it
/// is not. `None` for fewer than six digits. A number with its country's code never equals one without.
#[must_use]
pub fn phone_key(phone: &str) -> Option<String> {
    let phone = phone.trim();
    let international =
        phone.strip_prefix("00").filter(|rest| !rest.starts_with('0')).map(|rest| format!("+{rest}"));
    if let Some(number) = canon::phone(international.as_deref().unwrap_or(phone)) {
        return Some(number);
    }
    let digits: String =
        phone.chars().filter_map(|c| c.to_digit(10)).filter_map(|d| char::from_digit(d, 10)).collect();
    let digits = digits.trim_start_matches('0');
    (digits.len() >= 6).then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{STOP_WORDS, Who, company_key, email_key, person_key, phone_key, same_person};

    #[test]
    fn companies_are_told_by_the_words_that_matter() {
        for (name, key) in [
            ("The U.S. Steel Group, Inc.", Some("us steel")),
            ("U.S. Steel", Some("us steel")),
            ("US STEEL HOLDINGS LLC", Some("us steel")),
            ("Müller & Söhne GmbH", Some("muller sohne")),
            ("Acme Solutions", Some("acme")),
            ("A.C.M.E.", Some("acme")),
            ("Group Holdings", Some("group holdings")),
            ("3M Company", Some("3m")),
            ("株式会社", Some("株式会社")),
            ("…", None),
            ("", None),
        ] {
            assert_eq!(company_key(name).as_deref(), key, "{name}");
        }
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn people_are_told_by_last_name_and_two_letters() {
        for (first, last, key) in [
            ("Jörg", "Müller", Some("muller, jo")),
            ("JO", "MULLER", Some("muller, jo")),
            ("J.", "Muller", Some("muller, j")),
            ("Anne-Marie", "O'Brien", Some("obrien, an")),
            ("A B", "van der Berg", Some("van der berg, ab")),
            ("", "Muller", None),
            ("Jo", "–", None),
        ] {
            assert_eq!(person_key(first, last).as_deref(), key, "{first} {last}");
        }
    }

    #[test]
    fn an_email_or_the_name_makes_the_same_person() {
        let who = |first, last, email| Who { first: Some(first), last: Some(last), email };
        let ann = who("Ann", "Lee", Some("ann@acme.example"));
        for (other, same) in [
            (who("Anna", "LEE", None), true),
            (who("Bob", "Ray", Some("ANN@acme.example")), true),
            (who("Bob", "Lee", Some("bob@acme.example")), false),
            (who("Ann", "Leeds", None), false),
            (Who::default(), false),
        ] {
            assert_eq!(same_person(ann, other), same, "{other:?}");
            assert_eq!(same_person(other, ann), same, "{other:?}");
        }
        assert!(!same_person(Who::default(), Who::default()), "nothing equals nothing");
    }

    #[test]
    fn emails_and_phones_have_one_spelling() {
        assert_eq!(email_key(" Ann@Acme.example "), email_key("ann@acme.example"));
        assert_eq!(email_key("ann"), None);
        for (phone, key) in [
            ("+49 (30) 1234-5678", Some("+493012345678")),
            ("0049 30 12345678", Some("+493012345678")),
            ("030 12345678", Some("3012345678")),
            ("030/1234 5678", Some("3012345678")),
            ("12345", None),
            ("n/a", None),
        ] {
            assert_eq!(phone_key(phone).as_deref(), key, "{phone}");
        }
    }
}
