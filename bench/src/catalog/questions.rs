//! What every engine is asked.

use serde::{Deserialize, Serialize};
use sluice_catalog::text::{self, Profile};
use sluice_model::filter::{
    AccountFacet, Band, Clause, ContactFacet, Exclusions, Filter, IdSet, Level, Mode, Range, Text, Wrapper,
};

/// A value wanted, and the tokens that our analysis makes of it: all must be there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wanted {
    pub value: String,
    pub tokens: Vec<String>,
}

/// Where a page begins: after the person of this rank, who stands at this place of all.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct After {
    pub rank: u64,
    pub place: u64,
}

/// Lists are any of these; what is not empty must all hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Question {
    pub name: String,
    pub label: String,
    pub seniorities: Vec<String>,
    /// ISO codes.
    pub countries: Vec<String>,
    pub titles: Vec<Wanted>,
    pub industries: Vec<Wanted>,
    /// The company's number of employees lies between these.
    pub size: Option<(u64, u64)>,
    /// Without the people of `excluded.tsv`.
    pub excluded: bool,
    pub after: Option<After>,
    /// Whether the exact number of hits is wanted besides the first hundred.
    pub count: bool,
    /// When there are any, their values are counted, and no page is wanted.
    pub facets: Vec<String>,
}

/// The file of all questions.
#[derive(Debug, Serialize, Deserialize)]
pub struct Questions {
    pub questions: Vec<Question>,
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

fn wanted(profile: Profile, values: &[&str]) -> Vec<Wanted> {
    let one =
        |value: &&str| Wanted { value: (*value).to_owned(), tokens: text::query_tokens(profile, value) };
    values.iter().map(one).collect()
}

/// All questions; `middle` is where the deep page begins.
pub fn all(middle: After) -> Questions {
    let question = |name: &str, label: &str| Question {
        name: name.to_owned(),
        label: label.to_owned(),
        count: true,
        ..Question::default()
    };
    let questions = vec![
        Question { seniorities: words(&["director"]), ..question("q1", "one facet: seniority") },
        Question {
            titles: wanted(Profile::Title, &["VP Engineering"]),
            countries: words(&["DE"]),
            ..question("q2", "two facets: title, country")
        },
        Question {
            titles: wanted(Profile::Title, &["Engineering", "Sales", "Operations"]),
            seniorities: words(&["director", "manager"]),
            countries: words(&["US", "DE", "JP"]),
            industries: wanted(Profile::Text, &["Machinery"]),
            size: Some((201, 5_000)),
            excluded: true,
            ..question("q3", "five facets, excluded ids")
        },
        Question {
            seniorities: words(&["director", "vp", "head"]),
            facets: words(&["seniority", "country", "industry"]),
            ..question("q4", "counts of three facets over a tenth of all")
        },
        Question {
            seniorities: words(&["director"]),
            after: Some(middle),
            count: false,
            ..question("q6", "a page in the middle, by cursor, no count")
        },
    ];
    Questions { questions }
}

fn contact(facet: ContactFacet) -> Clause<ContactFacet> {
    Clause { wrapper: Wrapper::AnyInclude, facet }
}

fn account(facet: AccountFacet) -> Clause<AccountFacet> {
    Clause { wrapper: Wrapper::AnyInclude, facet }
}

fn smart(wanted: &[Wanted]) -> Text {
    Text { mode: Mode::Smart, values: wanted.iter().map(|wanted| wanted.value.clone()).collect() }
}

impl Question {
    /// The question in our filter language.
    pub fn filter(&self, excluded: &IdSet) -> Filter {
        let mut filter = Filter::default();
        if !self.seniorities.is_empty() {
            filter.contact.push(contact(ContactFacet::Seniority(self.seniorities.clone())));
        }
        if !self.countries.is_empty() {
            filter.contact.push(contact(ContactFacet::Location(Level::Country, self.countries.clone())));
        }
        if !self.titles.is_empty() {
            filter.contact.push(contact(ContactFacet::LatestTitle(smart(&self.titles))));
        }
        if !self.industries.is_empty() {
            filter.account.push(account(AccountFacet::Industry(smart(&self.industries))));
        }
        if let Some((low, high)) = self.size {
            let bands = vec![Band { start: Some(low), end: Some(high) }];
            filter.account.push(account(AccountFacet::EmployeeSize(Range::Bands(bands))));
        }
        if self.excluded {
            filter.lists = Exclusions { people: excluded.clone(), ..Exclusions::default() };
        }
        filter
    }

    /// The conditions in SQL over the columns of the flat file; `has_all` says that a column has all tokens, and
    /// `not_excluded` that the person is not excluded.
    pub fn sql(&self, has_all: impl Fn(&str, &[String]) -> String, not_excluded: &str) -> String {
        let mut found = Vec::new();
        for (column, values) in [("seniority", &self.seniorities), ("country", &self.countries)] {
            if !values.is_empty() {
                found.push(format!("{column} IN ({})", literals(values)));
            }
        }
        if let Some((low, high)) = self.size {
            found.push(format!("size_from <= {high} AND size_to >= {low}"));
        }
        for (column, wanted) in [("title_tokens", &self.titles), ("industry_tokens", &self.industries)] {
            if !wanted.is_empty() {
                let any: Vec<String> = wanted.iter().map(|one| has_all(column, &one.tokens)).collect();
                found.push(format!("({})", any.join(" OR ")));
            }
        }
        if self.excluded {
            found.push(not_excluded.to_owned());
        }
        if let Some(after) = self.after {
            found.push(format!("place > {}", after.place));
        }
        found.join(" AND ")
    }
}

/// Texts as SQL writes them, with commas between.
pub fn literals(values: &[String]) -> String {
    let one = |value: &String| format!("'{}'", value.replace('\'', "''"));
    values.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{After, all};

    #[test]
    fn questions_in_sql() {
        let questions = all(After { rank: 7, place: 3 }).questions;
        let sql = |at: usize| {
            let has_all = |column: &str, tokens: &[String]| format!("{column}:{}", tokens.join("+"));
            questions[at].sql(has_all, "new")
        };
        assert_eq!(sql(0), "seniority IN ('director')");
        assert_eq!(sql(4), "seniority IN ('director') AND place > 3");
        let five = sql(2);
        assert!(
            five.starts_with("seniority IN ('director', 'manager') AND country IN ('US', 'DE', 'JP') AND")
        );
        assert!(five.ends_with("AND new"), "{five}");
        assert_eq!(five.matches("title_tokens:").count(), 3);
    }
}
