//! Phone numbers.

/// A phone number in international form as E.164: `+44 (0)20 7946 0018` → `+442079460018`. `None` for what is no
/// possible number, and for one without its country's code.
#[must_use]
pub fn phone(input: &str) -> Option<String> {
    let input = input.trim();
    if !input.starts_with('+') || input.len() > 64 {
        return None;
    }
    let number = phonenumber::parse(None, input).ok()?;
    let text = number.format().mode(phonenumber::Mode::E164).to_string();
    is_international_phone(&text).then_some(text)
}

/// [`phone`], or the input itself: a plan of numbers that is newer than the library's must keep nobody out.
#[must_use]
pub fn phone_or_same(input: &str) -> String {
    phone(input).unwrap_or_else(|| input.to_owned())
}

/// Whether `input` is written as E.164 is: `^\+[1-9]\d{1,14}$`.
#[must_use]
pub fn is_international_phone(input: &str) -> bool {
    let Some(digits) = input.strip_prefix('+') else { return false };
    (2..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{is_international_phone, phone, phone_or_same};

    #[test]
    fn numbers_become_e164() {
        for (input, expected) in [
            ("+493012345678", Some("+493012345678")),
            (" +49 (30) 1234-5678 ", Some("+493012345678")),
            ("+44 (0)20 7946 0018", Some("+442079460018")),
            ("+442079460018", Some("+442079460018")),
            ("+4402079460018", Some("+442079460018")),
            ("+1 650-253-0000", Some("+16502530000")),
            ("+390612345678", Some("+390612345678")),
            ("+8613812345678", Some("+8613812345678")),
            ("030 12345678", None),
            ("+", None),
            ("+abc", None),
            ("", None),
        ] {
            assert_eq!(phone(input).as_deref(), expected, "{input}");
        }
    }

    #[test]
    fn a_number_of_an_unknown_plan_stays_as_it_is() {
        assert_eq!(phone_or_same("+999123456789"), "+999123456789");
        assert_eq!(phone_or_same("+4402079460018"), "+442079460018");
        // Written twice it is the same.
        for input in ["+442079460018", "+12", "+999999999999999"] {
            assert_eq!(phone_or_same(&phone_or_same(input)), phone_or_same(input), "{input}");
        }
    }

    #[test]
    fn only_the_documented_form_is_international() {
        for (input, is) in [
            ("+12", true),
            ("+123456789012345", true),
            ("+1234567890123456", false),
            ("+1", false),
            ("+0123", false),
            ("123", false),
            ("+12 3", false),
            ("+١٢٣", false),
        ] {
            assert_eq!(is_international_phone(input), is, "{input}");
        }
    }
}
