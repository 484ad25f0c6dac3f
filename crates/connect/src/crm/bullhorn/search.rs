//! Reading from Bullhorn.

use super::fields::{self, COMPANY, PEOPLE};
use super::{Bullhorn, Request, lucene, outcome};
use crate::crm::duplicates::{self, Who};
use crate::crm::{
    CompanyDraft, ContactsAsk, ContactsPage, Crm as _, CrmContact, CrmRef, CrmTask, PersonDraft,
};
use crate::error::{ConnectError, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use sluice_model::Time;

/// The most records of one reply.
const PAGE: usize = 500;
/// Queries longer than this go into the body.
const LONGEST_QUERY: usize = 7_500;
/// The most records that are looked at when duplicates are looked for.
const MAX_LOOKED_AT: usize = 5_000;

#[derive(Default, Deserialize)]
struct Found {
    #[serde(default)]
    total: Option<u64>,
    #[serde(default)]
    data: Vec<Value>,
}

/// Where a page ended: the entity, and the last number of it.
///
/// Records are read in the order of their numbers, which never change. By the date of change a record that changes
/// during the reading would move, and the index's dates have no zone; a start offset would skip what follows a record
/// that was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    entity: usize,
    last: u64,
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let (entity, last) = text.split_once(' ')?;
        let entity = PEOPLE.iter().position(|known| *known == entity)?;
        Some(Self { entity, last: last.parse().ok()? })
    }

    fn text(self) -> Option<String> {
        Some([PEOPLE.get(self.entity)?, " ", &self.last.to_string()].concat())
    }
}

impl Bullhorn {
    pub(super) async fn contacts_page(&self, ask: &ContactsAsk) -> Result<ContactsPage> {
        let wrong = || ConnectError::BadRequest("no such place to go on from".to_owned());
        let mut cursor = match &ask.after {
            Some(text) => Cursor::parse(text).ok_or_else(wrong)?,
            None => Cursor { entity: 0, last: 0 },
        };
        let total = if ask.after.is_none() { Some(self.count(ask).await?) } else { None };
        let entity = PEOPLE.get(cursor.entity).copied().ok_or_else(wrong)?;
        let wanted = self.wanted(ask);
        let query = match cursor.last {
            0 => wanted,
            last => [&wanted, " AND ", &lucene::from("id", &(last + 1).to_string())].concat(),
        };
        let names = fields::read_fields(entity, &self.settings);
        let found = self.search(entity, &query, &names, PAGE, 0).await?;
        let numbers = found.data.iter().filter_map(|value| value.get("id")?.as_u64());
        let (full, last) = (found.data.len() >= PAGE, numbers.max());
        cursor = match last {
            // A reply that does not go on would be read for ever.
            Some(last) if full && last > cursor.last => Cursor { last, ..cursor },
            _ if full => return Err(ConnectError::Unavailable("the search does not go on".to_owned())),
            _ => Cursor { entity: cursor.entity + 1, last: 0 },
        };
        let contacts = found.data.iter().filter_map(|value| fields::contact(entity, value, &self.settings));
        let unread = found.data.iter().filter(|value| fields::is_unread(value));
        let unread = unread.filter_map(|value| value.get("id")?.as_u64());
        Ok(ContactsPage {
            contacts: contacts.filter(|contact| is_wanted(contact, ask.since)).collect(),
            unread: unread.map(|id| CrmRef { entity: entity.to_owned(), id: id.to_string() }).collect(),
            total,
            next: cursor.text(),
        })
    }

    /// The clause of what is asked for. Changes include deletions, which are marks on records.
    fn wanted(&self, ask: &ContactsAsk) -> String {
        let mut clauses = vec![match ask.since {
            None => "isDeleted:0".to_owned(),
            Some(since) => {
                let margin = i64::try_from(self.settings.index_margin.as_millis()).unwrap_or(i64::MAX);
                lucene::from("dateLastModified", &index_time(since.plus_millis(margin.saturating_neg())))
            }
        }];
        clauses.extend(ask.query.iter().map(|query| ["(", query, ")"].concat()));
        clauses.join(" AND ")
    }

    async fn count(&self, ask: &ContactsAsk) -> Result<u64> {
        let mut total = 0;
        for entity in PEOPLE {
            let found = self.search(entity, &self.wanted(ask), "id", 1, 0).await?;
            total += found.total.unwrap_or(found.data.len() as u64);
        }
        Ok(total)
    }

    async fn search(
        &self,
        entity: &str,
        query: &str,
        names: &str,
        count: usize,
        start: usize,
    ) -> Result<Found> {
        let mut request = Request::get(&["search", entity])
            .with("fields", names)
            .with("count", &count.to_string())
            .with("start", &start.to_string())
            .with("sort", "id");
        request = if query.len() > LONGEST_QUERY {
            request.body("POST", json!({ "query": query }))
        } else {
            request.with("query", query)
        };
        let reply = self.call(&request).await?;
        // An installation without leads, or with leads hidden from this user, has none.
        if entity == "Lead" && matches!(reply.status, 403 | 404) {
            return Ok(Found { total: Some(0), data: Vec::new() });
        }
        outcome(reply)?.json()
    }

    /// All that a query finds, up to the most that are looked at.
    async fn search_all(&self, entity: &str, query: &str, names: &str) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        while all.len() < MAX_LOOKED_AT {
            let found = self.search(entity, query, names, PAGE, all.len()).await?;
            let full = found.data.len() >= PAGE;
            all.extend(found.data);
            if !full {
                break;
            }
        }
        Ok(all)
    }

    /// The records of an entity that carry this key of ours, read from the database: what was just made may not be in
    /// the index yet. Candidates and leads can only be searched.
    async fn carrying(&self, entity: &str, key: &str, names: &str) -> Result<Vec<Value>> {
        // Made of letters and digits: nothing in the clause needs to be escaped.
        let condition = ["externalID = '", key, "'"].concat();
        let request = Request::get(&["query", entity])
            .with("where", &condition)
            .with("fields", names)
            .with("orderBy", "id")
            .with("count", &PAGE.to_string());
        let found: Found = outcome(self.call(&request).await?)?.json()?;
        Ok(found.data)
    }

    /// The people of an entity that a clause finds and who are not deleted.
    async fn people(&self, entity: &str, clause: Option<String>) -> Result<Vec<CrmContact>> {
        let Some(query) = lucene::all([Some("isDeleted:0".to_owned()), clause]) else {
            return Ok(Vec::new());
        };
        let names = fields::read_fields(entity, &self.settings);
        let found = self.search_all(entity, &query, &names).await?;
        let contacts = found.iter().filter_map(|value| fields::contact(entity, value, &self.settings));
        Ok(contacts.filter(|contact| !contact.deleted).collect())
    }

    pub(super) async fn same_people(&self, draft: &PersonDraft) -> Result<Vec<CrmContact>> {
        if !draft.external_id.is_empty() {
            let ours = fields::external_key(&draft.external_id);
            let entity = "ClientContact";
            let names = fields::read_fields(entity, &self.settings);
            let rows = self.carrying(entity, &ours, &names).await?;
            let contacts = rows.iter().filter_map(|value| fields::contact(entity, value, &self.settings));
            let mut found: Vec<CrmContact> = contacts.filter(|contact| !contact.deleted).collect();
            found.extend(self.people("Candidate", lucene::phrase("externalID", &ours)).await?);
            found.retain(|contact| self.carries(contact, &draft.external_id));
            if !found.is_empty() {
                return Ok(found);
            }
        }
        // The index may keep accents or not; the first two letters are compared here.
        let name = lucene::all([
            duplicates::person_key(&draft.first_name, &draft.last_name)
                .and_then(|_| lucene::spelt("lastName", &draft.last_name)),
            start_of(&draft.first_name),
        ]);
        let emails = draft.emails.iter().map(|email| lucene::phrase("email", email));
        let clause = lucene::any(emails.chain([name]));
        let mut found = Vec::new();
        for entity in PEOPLE {
            let people = self.people(entity, clause.clone()).await?;
            found.extend(people.into_iter().filter(|contact| is_same(draft, contact)));
        }
        Ok(found)
    }

    pub(super) async fn same_companies(&self, draft: &CompanyDraft) -> Result<Vec<CrmRef>> {
        const NAMES: &str = "id,name,phone,externalID";
        // Companies are not deleted but archived.
        let open = |clause: Option<String>| lucene::all([Some("NOT status:\"Archive\"".to_owned()), clause]);
        let refs = |found: Vec<&Value>| {
            let ids = found.into_iter().filter_map(|value| value.get("id")?.as_u64());
            ids.map(|id| CrmRef { entity: COMPANY.to_owned(), id: id.to_string() }).collect::<Vec<_>>()
        };
        let text = |value: &Value, name: &str| {
            value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        if !draft.external_id.is_empty() {
            let ours = fields::external_key(&draft.external_id);
            let found = self.carrying(COMPANY, &ours, NAMES).await?;
            let ours = refs(found.iter().filter(|value| text(value, "externalID") == ours).collect());
            if !ours.is_empty() {
                return Ok(ours);
            }
        }
        let key = duplicates::company_key(&draft.name);
        let phones: Vec<String> =
            draft.phones.iter().filter_map(|phone| duplicates::phone_key(phone)).collect();
        let by_name = lucene::any([
            key.as_deref()
                .and_then(|key| lucene::all(key.split(' ').map(|word| lucene::phrase("name", word)))),
            telling_words(&draft.name),
        ]);
        let by_phone = draft.phones.iter().chain(&phones).map(|phone| lucene::phrase("phone", phone));
        let Some(query) = open(lucene::any([by_name].into_iter().chain(by_phone))) else {
            return Ok(Vec::new());
        };
        let found = self.search_all(COMPANY, &query, NAMES).await?;
        let same = |value: &&Value| {
            let name = duplicates::company_key(&text(value, "name"));
            let phone = duplicates::phone_key(&text(value, "phone"));
            (name.is_some() && name == key) || phone.is_some_and(|phone| phones.contains(&phone))
        };
        Ok(refs(found.iter().filter(same).collect()))
    }

    pub(super) async fn record(&self, reference: &CrmRef) -> Result<Option<CrmContact>> {
        let entity = entity_of(reference)?;
        let id = fields::number(reference)?.to_string();
        let names = fields::read_fields(entity, &self.settings);
        let reply = self.call(&Request::get(&["entity", entity, &id]).with("fields", &names)).await?;
        if reply.status == 404 {
            return Ok(None);
        }
        let body: Value = outcome(reply)?.json()?;
        if body.get("data").is_some_and(fields::is_unread) {
            return Err(ConnectError::BadRequest("Bullhorn cannot show the contact".to_owned()));
        }
        let contact = body.get("data").and_then(|data| fields::contact(entity, data, &self.settings));
        Ok(contact.filter(|contact| !contact.deleted))
    }

    pub(super) async fn tasks_of(&self, contact: &CrmRef) -> Result<Vec<CrmTask>> {
        let link = match entity_of(contact)? {
            "Candidate" => "candidate",
            "ClientContact" => "clientContact",
            _ => "lead",
        };
        // A number: nothing in the clause needs quotes.
        let condition =
            [link, ".id = ", &fields::number(contact)?.to_string(), " AND isDeleted = false"].concat();
        let request = Request::get(&["query", "Task"])
            .with("where", &condition)
            .with("fields", "id,subject,type,dateEnd,isCompleted")
            .with("orderBy", "id")
            .with("count", &PAGE.to_string());
        let found: Found = outcome(self.call(&request).await?)?.json()?;
        let mut tasks: Vec<CrmTask> = found.data.iter().filter_map(fields::task).collect();
        tasks.sort_by_key(|task| (task.done, task.due_at));
        Ok(tasks)
    }
}

/// The entity of a person, as it stands in URLs.
///
/// # Errors
/// [`ConnectError::NotFound`] for any other.
pub(super) fn entity_of(reference: &CrmRef) -> Result<&'static str> {
    let found = PEOPLE.iter().find(|entity| **entity == reference.entity);
    found.copied().ok_or_else(|| ConnectError::NotFound("Bullhorn has no such people".to_owned()))
}

/// The index compares times to the second, without a zone, and is asked for some that are too early.
fn is_wanted(contact: &CrmContact, since: Option<Time>) -> bool {
    match (since, contact.modified_at) {
        (Some(since), Some(at)) => at >= since,
        (None, _) => !contact.deleted,
        (Some(_), None) => true,
    }
}

/// A time as the index keeps it: `20240115103000`.
fn index_time(time: Time) -> String {
    time.to_string().chars().filter(char::is_ascii_digit).take(14).collect()
}

pub(super) fn is_same(draft: &PersonDraft, contact: &CrmContact) -> bool {
    let theirs = Who {
        first: contact.first_name.as_deref(),
        last: contact.last_name.as_deref(),
        email: contact.fields.get("email").and_then(Value::as_str),
    };
    let name = Who { first: Some(&draft.first_name), last: Some(&draft.last_name), email: None };
    let mut emails = draft.emails.iter().map(|email| Who { email: Some(email), ..Who::default() });
    duplicates::same_person(name, theirs) || emails.any(|email| duplicates::same_person(email, theirs))
}

/// First names that begin with the same letters, with their accents or without: two, or one where the first word has no
/// more.
fn start_of(first: &str) -> Option<String> {
    let start = |text: &str| {
        let word = text.chars().skip_while(|c| !c.is_alphanumeric()).take_while(|c| c.is_alphanumeric());
        word.take(2).collect::<String>().to_lowercase()
    };
    let (written, folded) = (start(first), start(&sluice_model::text::fold(first)));
    let other = (written != folded).then(|| lucene::prefix("firstName", &folded));
    lucene::any([lucene::prefix("firstName", &written), other.flatten()])
}

/// The words of a name as they are written, without those that tell nothing; all of them where none tells anything.
fn telling_words(name: &str) -> Option<String> {
    let folded = |word: &str| sluice_model::text::words(&word.replace('.', ""));
    let words: Vec<&str> = name.split_whitespace().filter(|word| !folded(word).is_empty()).collect();
    let tells = |word: &&&str| !folded(word).iter().all(|word| duplicates::is_stop_word(word));
    let telling: Vec<&str> = words.iter().filter(tells).copied().collect();
    let words = if telling.is_empty() { words } else { telling };
    (!words.is_empty())
        .then(|| lucene::all(words.into_iter().map(|word| lucene::phrase("name", word))))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::{Cursor, index_time, start_of, telling_words};
    use sluice_model::Time;

    #[test]
    fn cursors_go_there_and_back() {
        let cursor = Cursor { entity: 1, last: 17 };
        assert_eq!(cursor.text().as_deref(), Some("ClientContact 17"));
        assert_eq!(Cursor::parse("ClientContact 17"), Some(cursor));
        assert_eq!(Cursor { entity: 3, last: 0 }.text(), None);
        for text in ["", "Lead", "Lead x", "Task 1", "Lead 1 2"] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
    }

    #[test]
    fn clauses_of_the_rules() {
        assert_eq!(start_of("Jörg").as_deref(), Some("(firstName:jö* OR firstName:jo*)"));
        assert_eq!(start_of("J.").as_deref(), Some("firstName:j*"));
        assert_eq!(start_of("J. R.").as_deref(), Some("firstName:j*"));
        assert_eq!(start_of("–"), None);
        assert_eq!(
            telling_words("The U.S. Steel Group, Inc.").as_deref(),
            Some(r#"(name:"U.S." AND name:"Steel")"#)
        );
        assert_eq!(telling_words("The Group –").as_deref(), Some(r#"(name:"The" AND name:"Group")"#));
        assert_eq!(telling_words("–"), None);
        assert_eq!(index_time(Time::parse("2024-01-15T10:30:59.999Z").unwrap()), "20240115103059");
    }
}
