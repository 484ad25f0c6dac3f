//! Prospects, the identifiers that name them, and their slugs.

use crate::error::StoreError;
use crate::row::{Columns, Row};
use crate::tx::{Tx, exactly_one};
use crate::value::{Value, params};
use sluice_model::accounts::{Identifiers, ProspectId};
use sluice_model::{Time, text};

const COLUMNS: &str =
    "SELECT p.id, p.name, p.email, p.phone, p.linkedin, p.domain, p.domain_set, p.slug, p.updated_at,
     p.deleted_at, p.merged_into, p.latest_log, p.logs, p.logs_deleted";

/// The kinds of identifier, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdentifierKind {
    Linkedin,
    Email,
    Phone,
}

impl IdentifierKind {
    /// All kinds, strongest first.
    pub const ALL: [Self; 3] = [Self::Linkedin, Self::Email, Self::Phone];

    const fn name(self) -> &'static str {
        match self {
            Self::Linkedin => "linkedin",
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }

    /// The identifier of this kind.
    #[must_use]
    pub fn of(self, identifiers: &Identifiers) -> Option<&str> {
        match self {
            Self::Linkedin => identifiers.linkedin.as_deref(),
            Self::Email => identifiers.email.as_deref(),
            Self::Phone => identifiers.phone.as_deref(),
        }
    }
}

/// A prospect with what is counted about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProspect {
    pub id: ProspectId,
    pub name: Option<String>,
    /// Those that are shown; there may be more.
    pub identifiers: Identifiers,
    pub domain: Option<String>,
    /// Whether the domain was set, rather than taken from the e-mail address.
    pub domain_set: bool,
    pub slug: String,
    pub updated_at: Time,
    pub deleted_at: Option<Time>,
    /// The prospect that this one was merged into.
    pub merged_into: Option<ProspectId>,
    /// The newest log that is to be seen; empty for none.
    pub latest_log: String,
    pub logs: i64,
    pub logs_deleted: i64,
}

fn columns_of(row: Row) -> Columns {
    Columns::of("prospect", row)
}

fn read(columns: &mut Columns) -> Result<StoredProspect, StoreError> {
    Ok(StoredProspect {
        id: ProspectId::from_bare(columns.text("id")?),
        name: columns.optional_text("name")?,
        identifiers: Identifiers {
            email: columns.optional_text("email")?,
            phone: columns.optional_text("phone")?,
            linkedin: columns.optional_text("linkedin")?,
        },
        domain: columns.optional_text("domain")?,
        domain_set: columns.boolean("domain_set")?,
        slug: columns.text("slug")?,
        updated_at: columns.time("updated_at")?,
        deleted_at: columns.optional_time("deleted_at")?,
        merged_into: columns.optional_text("merged_into")?.map(ProspectId::from_bare),
        latest_log: columns.text("latest_log")?,
        logs: columns.int("logs")?,
        logs_deleted: columns.int("logs_deleted")?,
    })
}

fn search_text(prospect: &StoredProspect) -> String {
    let texts = [&prospect.name, &prospect.identifiers.email, &prospect.domain];
    let texts = texts.into_iter().flatten().chain([&prospect.slug]);
    texts.map(|part| text::fold(part)).collect::<Vec<_>>().join("\n")
}

/// Looks a prospect up, deleted or merged or not.
pub async fn prospect_get(tx: &mut Tx<'_>, id: &ProspectId) -> Result<Option<StoredProspect>, StoreError> {
    let sql = [COLUMNS, " FROM prospect p WHERE p.organisation_id = $1 AND p.id = $2"].concat();
    let row = tx.query_one(&sql, params![tx.organisation(), id.bare()]).await?;
    row.map(|row| read(&mut columns_of(row))).transpose()
}

/// These prospects, deleted or not, in any order.
pub async fn prospect_get_many(
    tx: &mut Tx<'_>,
    ids: &[ProspectId],
) -> Result<Vec<StoredProspect>, StoreError> {
    let sql = [COLUMNS, " FROM prospect p WHERE p.organisation_id = $1 AND p.id IN ({list})"].concat();
    let list: Vec<Value> = ids.iter().map(|id| id.bare().into()).collect();
    let fixed = [tx.tenant()];
    let rows = tx.query_list(&sql, &fixed, &list).await?;
    rows.into_iter().map(|row| read(&mut columns_of(row))).collect()
}

/// The prospects that these identifiers name, deleted or not, each with the kind of the identifier; strongest first.
pub async fn prospect_find(
    tx: &mut Tx<'_>,
    identifiers: &Identifiers,
) -> Result<Vec<(IdentifierKind, StoredProspect)>, StoreError> {
    // One text for all combinations: a null equals nothing.
    let sql = [
        COLUMNS,
        ", i.kind FROM prospect_identifier i
           JOIN prospect p ON p.organisation_id = i.organisation_id AND p.id = i.prospect_id
           WHERE (i.organisation_id = $1 AND i.kind = 'linkedin' AND i.value = $2)
              OR (i.organisation_id = $1 AND i.kind = 'email' AND i.value = $3)
              OR (i.organisation_id = $1 AND i.kind = 'phone' AND i.value = $4)",
    ]
    .concat();
    let Identifiers { linkedin, email, phone } = identifiers;
    let params = params![tx.organisation(), linkedin.as_deref(), email.as_deref(), phone.as_deref()];
    let mut found = Vec::new();
    for row in tx.query(&sql, params).await? {
        let mut columns = columns_of(row);
        let prospect = read(&mut columns)?;
        let named = |name: &str| IdentifierKind::ALL.into_iter().find(|kind| kind.name() == name);
        found.push((columns.named("kind", named)?, prospect));
    }
    found.sort_by_key(|(kind, _)| *kind);
    Ok(found)
}

/// The live prospects with one of these domains, oldest first within a domain; at most `most` for each.
pub async fn prospect_linked(
    tx: &mut Tx<'_>,
    domains: &[String],
    most: usize,
) -> Result<Vec<StoredProspect>, StoreError> {
    let sql = [
        COLUMNS,
        " FROM prospect AS p",
        &tx.dialect().indexed_by("prospect_by_domain"),
        " WHERE p.organisation_id = $1 AND p.domain = $2 AND p.deleted_at IS NULL
          ORDER BY p.id LIMIT $3",
    ]
    .concat();
    let mut found = Vec::new();
    for domain in domains {
        let rows = tx.query(&sql, params![tx.organisation(), domain.as_str(), most]).await?;
        for row in rows {
            found.push(read(&mut columns_of(row))?);
        }
    }
    Ok(found)
}

/// Adds a prospect with its identifiers and counters, unless its slug is taken; whether it was added.
///
/// # Errors
/// [`StoreError::Duplicate`] when the id or an identifier is taken.
pub async fn prospect_insert(tx: &mut Tx<'_>, prospect: &StoredProspect) -> Result<bool, StoreError> {
    let sql =
        "INSERT INTO prospect (organisation_id, id, name, email, phone, linkedin, domain, domain_set, slug, search,
                   updated_at, latest_log, logs, logs_deleted)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
               ON CONFLICT (organisation_id, slug) DO NOTHING";
    let params = params![
        tx.organisation(),
        prospect.id.bare(),
        prospect.name.as_deref(),
        prospect.identifiers.email.as_deref(),
        prospect.identifiers.phone.as_deref(),
        prospect.identifiers.linkedin.as_deref(),
        prospect.domain.as_deref(),
        prospect.domain_set,
        prospect.slug.as_str(),
        search_text(prospect),
        prospect.updated_at,
        prospect.latest_log.as_str(),
        prospect.logs,
        prospect.logs_deleted
    ];
    if tx.execute(sql, params).await? == 0 {
        return Ok(false);
    }
    identifier_add(tx, &prospect.id, &prospect.identifiers).await?;
    Ok(true)
}

/// Writes all of a prospect but its slug, its identifiers' look-up and its counters.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such prospect.
pub async fn prospect_save(tx: &mut Tx<'_>, prospect: &StoredProspect) -> Result<(), StoreError> {
    let sql =
        "UPDATE prospect SET name = $1, email = $2, phone = $3, linkedin = $4, domain = $5, domain_set = $6,
                   search = $7, updated_at = $8, deleted_at = $9, merged_into = $10
               WHERE organisation_id = $11 AND id = $12";
    let params = params![
        prospect.name.as_deref(),
        prospect.identifiers.email.as_deref(),
        prospect.identifiers.phone.as_deref(),
        prospect.identifiers.linkedin.as_deref(),
        prospect.domain.as_deref(),
        prospect.domain_set,
        search_text(prospect),
        prospect.updated_at,
        prospect.deleted_at,
        prospect.merged_into.as_ref().map(ProspectId::bare),
        tx.organisation(),
        prospect.id.bare()
    ];
    exactly_one("prospect_save", tx.execute(sql, params).await?)
}

/// Counts a new log of a prospect.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such prospect.
pub async fn prospect_count_log(tx: &mut Tx<'_>, id: &ProspectId, log: &str) -> Result<(), StoreError> {
    let sql = "UPDATE prospect SET latest_log = CASE WHEN latest_log < $1 THEN $1 ELSE latest_log END, logs = logs + 1
               WHERE organisation_id = $2 AND id = $3";
    exactly_one("prospect_count_log", tx.execute(sql, params![log, tx.organisation(), id.bare()]).await?)
}

/// Changes a prospect's counters and looks up its latest log anew, after logs were deleted or moved.
///
/// # Errors
/// [`StoreError::RowCount`] when there is no such prospect.
pub async fn prospect_recount(
    tx: &mut Tx<'_>,
    id: &ProspectId,
    logs: i64,
    deleted: i64,
) -> Result<(), StoreError> {
    let sql = "UPDATE prospect SET logs = logs + $1, logs_deleted = logs_deleted + $2,
                   latest_log = COALESCE((SELECT id FROM activity WHERE organisation_id = $3 AND prospect_id = $4
                                              AND (gone & 1) = 0 ORDER BY id DESC LIMIT 1), '')
               WHERE organisation_id = $3 AND id = $4";
    let params = params![logs, deleted, tx.organisation(), id.bare()];
    exactly_one("prospect_recount", tx.execute(sql, params).await?)
}

/// Lets all that was merged into `from` lead to `into`.
pub async fn prospect_repoint(
    tx: &mut Tx<'_>,
    from: &ProspectId,
    into: &ProspectId,
) -> Result<(), StoreError> {
    let sql = "UPDATE prospect SET merged_into = $1 WHERE organisation_id = $2 AND merged_into = $3";
    tx.execute(sql, params![into.bare(), tx.organisation(), from.bare()]).await.map(drop)
}

/// Lets these identifiers name a prospect.
///
/// # Errors
/// [`StoreError::Duplicate`] when one names another already.
pub async fn identifier_add(
    tx: &mut Tx<'_>,
    prospect: &ProspectId,
    identifiers: &Identifiers,
) -> Result<(), StoreError> {
    let given = IdentifierKind::ALL.into_iter().filter_map(|kind| Some((kind, kind.of(identifiers)?)));
    let mut params: Vec<Value> = vec![tx.tenant(), prospect.bare().into()];
    let mut rows: Vec<String> = Vec::new();
    for (kind, value) in given {
        // The placeholders of the tenant and the prospect come first in the text.
        let at = params.len() + 1;
        rows.push(format!("($1, $2, ${at}, ${})", at + 1));
        params.extend([kind.name().into(), value.into()]);
    }
    if rows.is_empty() {
        return Ok(());
    }
    let head = "INSERT INTO prospect_identifier (organisation_id, prospect_id, kind, value) VALUES ";
    tx.execute(&[head, &rows.join(", ")].concat(), &params).await.map(drop)
}

/// Lets these identifiers name this prospect no longer.
pub async fn identifier_remove(
    tx: &mut Tx<'_>,
    prospect: &ProspectId,
    identifiers: &Identifiers,
) -> Result<(), StoreError> {
    for kind in IdentifierKind::ALL {
        if let Some(value) = kind.of(identifiers) {
            let sql = "DELETE FROM prospect_identifier
                       WHERE organisation_id = $1 AND kind = $2 AND value = $3 AND prospect_id = $4";
            tx.execute(sql, params![tx.organisation(), kind.name(), value, prospect.bare()]).await?;
        }
    }
    Ok(())
}

/// Lets all identifiers of one prospect name another.
pub async fn identifier_move(
    tx: &mut Tx<'_>,
    from: &ProspectId,
    into: &ProspectId,
) -> Result<(), StoreError> {
    let sql =
        "UPDATE prospect_identifier SET prospect_id = $1 WHERE organisation_id = $2 AND prospect_id = $3";
    tx.execute(sql, params![into.bare(), tx.organisation(), from.bare()]).await.map(drop)
}

/// The number of the next slug made from this text: 1 for the first, which has none.
pub async fn slug_next(tx: &mut Tx<'_>, base: &str) -> Result<u64, StoreError> {
    let sql = "INSERT INTO prospect_slug (organisation_id, base, used) VALUES ($1, $2, 1)
               ON CONFLICT (organisation_id, base) DO UPDATE SET used = prospect_slug.used + 1 RETURNING used";
    // All rows are asked for: a statement that stops at the first would not be finished.
    let row = tx.query(sql, params![tx.organisation(), base]).await?.pop();
    row.map_or(Ok(1), |row| Columns::of("prospect_slug", row).count("used"))
}
