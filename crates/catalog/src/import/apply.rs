//! Putting rows into the catalog: finding the record of each, merging, writing each record once per chunk.

use super::identity::{Key, Record, Strength, name_in_country};
use super::merge::Merged;
use super::person_row::PersonInput;
use super::report::Counts;
use crate::embedded::Key as Stored;
use crate::{CatalogError, Writer};
use rustc_hash::FxHashMap;
use sluice_model::id::{Random, uuid_v7};
use sluice_model::{Company, EntityKind, Person, Time, canon};
use std::collections::hash_map::Entry;
use uuid::Uuid;

/// Employers remembered across chunks, so that the thousandth colleague costs one look-up.
const EMPLOYERS_KEPT: usize = 200_000;

/// What a row did to the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Created,
    Updated,
    Unchanged,
}

/// Records are large: they are boxed so that growing tables move pointers.
struct Slot<T> {
    record: Box<T>,
    /// All keys of the record, as long as they are known.
    keys: Option<Vec<Key>>,
    /// It must be written.
    dirty: bool,
}

/// Records that a chunk of rows touched, not written yet.
struct Chunk<T> {
    /// In the order of first touch, so that writing is reproducible.
    slots: Vec<Slot<T>>,
    /// Where in `slots` each record is.
    places: FxHashMap<Uuid, usize>,
    /// Keys that records of this chunk took.
    claims: FxHashMap<Stored, Uuid>,
}

impl<T: Record> Chunk<T> {
    fn new() -> Self {
        Self { slots: Vec::new(), places: FxHashMap::default(), claims: FxHashMap::default() }
    }

    /// The record with this id, read into the chunk.
    fn slot(&mut self, writer: &dyn Writer, id: Uuid) -> Result<Option<&mut Slot<T>>, CatalogError> {
        let place = match self.places.entry(id) {
            Entry::Occupied(place) => *place.get(),
            Entry::Vacant(free) => {
                let Some(record) = T::get(writer, id)? else { return Ok(None) };
                self.slots.push(Slot { record: Box::new(record), keys: None, dirty: false });
                *free.insert(self.slots.len() - 1)
            }
        };
        Ok(self.slots.get_mut(place))
    }

    /// The record with this id, if it is in the chunk.
    fn present(&mut self, id: Uuid) -> Option<&mut Slot<T>> {
        self.places.get(&id).and_then(|place| self.slots.get_mut(*place))
    }

    /// The record that `row` belongs to. `found` holds what the catalog knows about `keys`.
    fn owner(
        &mut self,
        writer: &dyn Writer,
        row: &T,
        keys: &[Key],
        found: &[Option<Uuid>],
    ) -> Result<Option<Uuid>, CatalogError> {
        if !row.id().is_nil() {
            return Ok(self.slot(writer, row.id())?.map(|slot| slot.record.id()));
        }
        let mut seen = Uuid::nil();
        for (key, found) in keys.iter().zip(found) {
            let Some(id) = self.claims.get(&key.stored).copied().or(*found) else { continue };
            // The same record by a weaker key, after a stronger one was refused, is refused again unless the
            // refusal was about the bare id.
            if id == seen {
                continue;
            }
            let Some(slot) = self.slot(writer, id)? else { continue };
            if !slot.record.refuses(row, key.strength) {
                return Ok(Some(id));
            }
            if key.strength != Strength::BareId {
                seen = id;
            }
        }
        Ok(None)
    }

    /// Puts `row` into its record, or makes one.
    fn put(
        &mut self,
        writer: &dyn Writer,
        mut row: Box<T>,
        keys: Vec<Key>,
        found: &[Option<Uuid>],
        maker: &Maker<'_>,
    ) -> Result<(Uuid, Outcome), CatalogError> {
        let owner = self.owner(writer, &row, &keys, found)?;
        let (id, outcome) = match owner {
            Some(id) => {
                // `owner` has read it into the chunk.
                let Some(slot) = self.present(id) else { return Ok((id, Outcome::Unchanged)) };
                let Merged { changed, confirmed } = slot.record.merge(*row);
                if changed || confirmed {
                    slot.keys = None;
                }
                if changed {
                    slot.record.stamp(maker.now, false);
                }
                slot.dirty |= changed || confirmed;
                (id, if changed { Outcome::Updated } else { Outcome::Unchanged })
            }
            None => {
                if row.id().is_nil() {
                    row.set_id(uuid_v7(maker.now, maker.random));
                }
                let id = row.id();
                row.stamp(maker.now, true);
                self.places.insert(id, self.slots.len());
                self.slots.push(Slot { record: row, keys: None, dirty: true });
                (id, Outcome::Created)
            }
        };
        for (key, found) in keys.iter().zip(found) {
            if found.is_none() {
                self.claims.entry(key.stored).or_insert(id);
            }
        }
        if outcome == Outcome::Created
            && let Some(slot) = self.slots.last_mut()
        {
            slot.keys = Some(keys);
        }
        Ok((id, outcome))
    }

    /// Writes what changed. A key stays with the record that had it first.
    fn write(self, writer: &mut dyn Writer) -> Result<(), CatalogError> {
        let Self { slots, claims, .. } = self;
        let mut changed = Vec::new();
        let mut shared = Vec::new();
        for slot in slots.into_iter().filter(|slot| slot.dirty) {
            let id = slot.record.id();
            let keys = slot.keys.unwrap_or_else(|| slot.record.keys());
            let keys: Vec<Stored> = keys.into_iter().map(|key| key.stored).collect();
            if keys.iter().any(|key| claims.get(key) != Some(&id)) {
                shared.extend_from_slice(&keys);
            }
            changed.push((slot.record, keys));
        }
        writer.prepare(T::KIND, &shared, &[])?;
        for (record, mut keys) in changed {
            let id = record.id();
            if keys.iter().any(|key| claims.get(key) != Some(&id)) {
                let mut own = Vec::with_capacity(keys.len());
                for key in keys {
                    let owner = writer.owner(T::KIND, key)?.or_else(|| claims.get(&key).copied());
                    if owner.is_none_or(|owner| owner == id) {
                        own.push(key);
                    }
                }
                keys = own;
            }
            record.put(writer, &keys)?;
        }
        Ok(())
    }
}

struct Maker<'a> {
    now: Time,
    random: &'a dyn Random,
}

/// The records that carry these keys.
fn look_up<T: Record>(writer: &dyn Writer, keys: &[Key]) -> Result<Vec<Option<Uuid>>, CatalogError> {
    keys.iter().map(|key| writer.owner(T::KIND, key.stored)).collect()
}

/// Puts chunks of rows into a catalog.
pub(super) struct Applier<'a> {
    writer: &'a mut dyn Writer,
    maker: Maker<'a>,
    employers: FxHashMap<String, Uuid>,
}

impl<'a> Applier<'a> {
    pub fn new(writer: &'a mut dyn Writer, now: Time, random: &'a dyn Random) -> Self {
        Self { writer, maker: Maker { now, random }, employers: FxHashMap::default() }
    }

    pub fn commit(&mut self) -> Result<(), CatalogError> {
        self.writer.commit()
    }

    /// Puts rows of companies.
    pub fn companies(&mut self, rows: Vec<Company>, counts: &mut Counts) -> Result<(), CatalogError> {
        self.rows(rows.into_iter().map(Box::new), counts)
    }

    /// Puts rows of people, their employers first.
    pub fn people(&mut self, rows: Vec<PersonInput>, counts: &mut Counts) -> Result<(), CatalogError> {
        let mut companies = Chunk::new();
        let mut people = Vec::with_capacity(rows.len());
        self.prepare_employers(&rows)?;
        for PersonInput { mut person, employer } in rows {
            if let Some(employer) = employer {
                let home = person.country.as_deref();
                person.company_id = self.employer(&mut companies, employer, home, counts)?;
                if let (Some(id), Some(job)) = (person.company_id, person.work_experiences.first_mut())
                    && job.dates.end.is_none()
                {
                    job.company.id = Some(id.to_string());
                }
            }
            people.push(person);
        }
        companies.write(self.writer)?;
        self.rows::<Person>(people.into_iter(), counts)
    }

    /// Has everything looked up at once that [`Self::employer`] asks one by one.
    fn prepare_employers(&mut self, rows: &[PersonInput]) -> Result<(), CatalogError> {
        if !self.writer.looks_ahead() {
            return Ok(());
        }
        let (mut keys, mut ids) = (Vec::new(), Vec::new());
        for PersonInput { person, employer } in rows {
            let Some(employer) = employer else { continue };
            let home = person.country.as_deref();
            if self.employers.contains_key(&memo(employer, home)) {
                continue;
            }
            keys.extend(employer_keys(employer, home));
            let mut completed = employer.clone();
            complete(&mut completed);
            keys.extend(completed.keys());
            ids.extend(Some(employer.id).filter(|id| !id.is_nil()));
        }
        let keys: Vec<Stored> = keys.into_iter().map(|key| key.stored).collect();
        self.writer.prepare(EntityKind::Company, &keys, &ids)
    }

    fn rows<T: Record>(
        &mut self,
        rows: impl Iterator<Item = Box<T>>,
        counts: &mut Counts,
    ) -> Result<(), CatalogError> {
        let mut chunk = Chunk::new();
        let rows: Vec<(Box<T>, Vec<Key>)> = rows
            .map(|row| {
                let keys = row.keys();
                (row, keys)
            })
            .collect();
        let asked: Vec<Stored> = rows.iter().flat_map(|(_, keys)| keys).map(|key| key.stored).collect();
        let ids: Vec<Uuid> = rows.iter().map(|(row, _)| row.id()).filter(|id| !id.is_nil()).collect();
        self.writer.prepare(T::KIND, &asked, &ids)?;
        for (row, keys) in rows {
            let found = look_up::<T>(self.writer, &keys)?;
            let (_, outcome) = chunk.put(self.writer, row, keys, &found, &self.maker)?;
            match outcome {
                Outcome::Created => counts.created += 1,
                Outcome::Updated => counts.updated += 1,
                Outcome::Unchanged => counts.unchanged += 1,
            }
        }
        chunk.write(self.writer)
    }

    /// The company that a person's row names; made when the catalog does not have it and a name or a domain is
    /// known. What the row says about a company that exists only fills its gaps: a list of people is no authority
    /// on companies.
    fn employer(
        &mut self,
        chunk: &mut Chunk<Company>,
        employer: Box<Company>,
        home: Option<&str>,
        counts: &mut Counts,
    ) -> Result<Option<Uuid>, CatalogError> {
        let memo = memo(&employer, home);
        if let Some(id) = self.employers.get(&memo) {
            return Ok(Some(*id));
        }
        let keys = employer_keys(&employer, home);
        let found = look_up::<Company>(self.writer, &keys)?;
        let given = employer.id;
        let mut row = employer;
        let mut owner = chunk.owner(self.writer, &row, &keys, &found)?;
        if owner.is_none() && !given.is_nil() {
            // The id is of a company this catalog does not have: the other identifiers may be.
            row.id = Uuid::nil();
            owner = chunk.owner(self.writer, &row, &keys, &found)?;
        }
        let id = match owner {
            Some(id) => {
                let Some(slot) = chunk.present(id) else { return Ok(Some(id)) };
                (row.id, row.observed_at) = (id, None);
                let merged = slot.record.merge(*row);
                slot.keys = None;
                if merged.changed {
                    slot.record.stamp(self.maker.now, false);
                    slot.dirty = true;
                    counts.companies_completed += 1;
                }
                for (key, found) in keys.into_iter().zip(&found) {
                    // The person's country is a hint, not a fact about the company.
                    if found.is_none() && key.strength != Strength::Name {
                        chunk.claims.entry(key.stored).or_insert(id);
                    }
                }
                id
            }
            None if row.name.is_none() && row.domain.is_none() => return Ok(None),
            None => {
                row.id = given;
                complete(&mut row);
                let keys = row.keys();
                let found = look_up::<Company>(self.writer, &keys)?;
                let none = vec![None; keys.len()];
                // A weaker key that another company holds was refused above.
                let claimed: Vec<Option<Uuid>> = keys
                    .iter()
                    .zip(&found)
                    .map(|(key, f)| f.or(chunk.claims.get(&key.stored).copied()))
                    .collect();
                let free: Vec<Key> = keys
                    .into_iter()
                    .zip(&claimed)
                    .filter(|(_, owner)| owner.is_none())
                    .map(|(key, _)| key)
                    .collect();
                counts.companies_created += 1;
                chunk.put(self.writer, row, free, &none, &self.maker)?.0
            }
        };
        if self.employers.len() >= EMPLOYERS_KEPT {
            self.employers.clear();
        }
        self.employers.insert(memo, id);
        Ok(Some(id))
    }
}

/// The keys by which an employer is looked for.
fn employer_keys(employer: &Company, home: Option<&str>) -> Vec<Key> {
    let mut keys = employer.keys();
    // Somebody's own country tells two companies of one name apart when nothing better does.
    if let (None, Some(home), Some(name)) = (&employer.country, home, &employer.name)
        && let Some(name) = canon::company_name(name)
    {
        keys.insert(keys.len().saturating_sub(1), name_in_country(&name, home));
    }
    keys
}

/// Fills in what follows from the rest, before an employer becomes a record.
fn complete(employer: &mut Company) {
    if employer.name.is_none() {
        employer.name.clone_from(&employer.domain);
    }
    super::company_row::mirror_place(employer);
    if employer.headcount.is_none() {
        employer.headcount = employer.employees.map(|employees| super::clean::band(employees).to_owned());
    }
}

/// Everything about an employer that finds or completes a company, as one text.
fn memo(employer: &Company, home: Option<&str>) -> String {
    let mut memo = String::with_capacity(96);
    if !employer.id.is_nil() {
        memo.push_str(&employer.id.to_string());
    }
    let headcount = employer.employees.map(|employees| employees.to_string());
    for part in [
        employer.external_id.as_deref(),
        employer.source.as_deref(),
        employer.domain.as_deref(),
        employer.linkedin_url.as_deref(),
        employer.name.as_deref(),
        employer.country.as_deref(),
        employer.city.as_deref(),
        employer.location.headquarter.state.as_deref(),
        employer.industry.as_deref(),
        employer.website_url.as_deref(),
        headcount.as_deref().or(employer.headcount.as_deref()),
        employer.phones.first().map(String::as_str),
        // Only a company known by name alone is told apart by it.
        home.filter(|_| employer.domain.is_none()),
    ] {
        memo.push('\u{1f}');
        memo.push_str(part.unwrap_or_default());
    }
    memo
}
