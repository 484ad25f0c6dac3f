//! The tables: one per kind for what filters look at, one for the records, one for identity keys, one for the marks
//! of replaced rows; and the commits. Each is made on every server, with a table over it that spans the cluster.

use super::target::Target;
use crate::facts::{NumberField, TermField, TextField};
use sluice_model::EntityKind;
use std::fmt;

/// A table of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// What filters and counts look at.
    Rows(EntityKind),
    /// The records as they were put, with their identity keys.
    Records(EntityKind),
    /// Who carries an identity key.
    Keys(EntityKind),
    /// Which rows were replaced.
    Replaced(EntityKind),
    Commit,
    /// Who writes.
    Lease,
}

impl Table {
    /// All tables, those of people first.
    pub fn all() -> Vec<Self> {
        let of = |kind| [Self::Rows(kind), Self::Records(kind), Self::Keys(kind), Self::Replaced(kind)];
        let kinds = [EntityKind::Person, EntityKind::Company];
        kinds.into_iter().flat_map(of).chain([Self::Commit, Self::Lease]).collect()
    }

    fn name(self) -> &'static str {
        match self {
            Self::Rows(EntityKind::Person) => "person",
            Self::Rows(EntityKind::Company) => "company",
            Self::Records(EntityKind::Person) => "person_record",
            Self::Records(EntityKind::Company) => "company_record",
            Self::Keys(EntityKind::Person) => "person_key",
            Self::Keys(EntityKind::Company) => "company_key",
            Self::Replaced(EntityKind::Person) => "person_replaced",
            Self::Replaced(EntityKind::Company) => "company_replaced",
            Self::Commit => "commit",
            Self::Lease => "lease",
        }
    }

    fn columns(self) -> Vec<String> {
        let own = |columns: &[&str]| columns.iter().map(|column| (*column).to_owned()).collect();
        match self {
            Self::Rows(kind) => row_columns(kind),
            Self::Records(_) => {
                own(&["id FixedString(16)", "version UInt64", "keys Array(UInt64)", "record String"])
            }
            Self::Keys(_) => own(&["hash UInt64", "check UInt64", "id FixedString(16)", "version UInt64"]),
            Self::Replaced(_) => own(&["id FixedString(16)", "version UInt64", "replaced_by UInt64"]),
            Self::Commit => {
                let counts = ["first UInt64", "last UInt64", "replaced_people UInt64"];
                own(&[&counts[..], &["replaced_companies UInt64", "analysis String"]].concat())
            }
            Self::Lease => own(&["holder UInt64", "serial UInt64", "until UInt64"]),
        }
    }

    /// How its rows are sorted, and how many stand behind one entry of the index: few where single ones are read.
    fn order(self) -> (&'static str, u32) {
        match self {
            Self::Rows(_) => ("(order_key, id)", 8192),
            Self::Records(_) => ("(id, version)", 128),
            Self::Keys(_) => ("(hash, check)", 512),
            Self::Replaced(_) => ("(id, version)", 8192),
            Self::Commit => ("(first)", 8192),
            Self::Lease => ("(holder, serial)", 8192),
        }
    }

    /// What decides on the shard. All of a record lies on one.
    fn shard(self) -> &'static str {
        match self {
            Self::Keys(_) => "hash",
            Self::Commit => "first",
            Self::Lease => "holder",
            _ => "cityHash64(id)",
        }
    }
}

/// A table that spans the cluster, as SQL names it; the part on one server has `_local` behind it.
pub struct TableName<'t> {
    pub target: &'t Target,
    pub table: Table,
}

impl fmt::Display for TableName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.target.database, self.table.name())
    }
}

/// Whether records of a kind have terms of this field.
pub fn has_terms(kind: EntityKind, field: TermField) -> bool {
    match field {
        TermField::Place | TermField::Linkedin | TermField::SocialLink | TermField::Network => true,
        TermField::Seniority
        | TermField::Department
        | TermField::LatestEmployer
        | TermField::CurrentEmployer
        | TermField::PreviousEmployer
        | TermField::Badge
        | TermField::Graduation
        | TermField::Reach => kind == EntityKind::Person,
        TermField::Domain
        | TermField::Phone
        | TermField::CompanyType
        | TermField::CompanyLanguage
        | TermField::FundingType
        | TermField::Naics => kind == EntityKind::Company,
    }
}

/// The text fields, the term fields and the number fields of a kind, in the order of the columns.
pub fn texts(kind: EntityKind) -> impl Iterator<Item = TextField> {
    TextField::ALL.iter().copied().filter(move |field| field.kind() == kind)
}

pub fn terms(kind: EntityKind) -> impl Iterator<Item = TermField> {
    TermField::ALL.iter().copied().filter(move |field| has_terms(kind, *field))
}

pub fn numbers(kind: EntityKind) -> impl Iterator<Item = NumberField> {
    NumberField::ALL.iter().copied().filter(move |field| field.kind() == kind)
}

/// The facets that a kind's own rows know.
pub fn facets(kind: EntityKind) -> &'static [&'static str] {
    match kind {
        EntityKind::Person => &["seniority", "title", "country"],
        EntityKind::Company => &["industry", "country", "employeeSize"],
    }
}

/// The columns in the order in which rows are sent. `order_key` is the complement of the rank: the best first.
fn row_columns(kind: EntityKind) -> Vec<String> {
    let mut out: Vec<String> =
        ["id FixedString(16)", "version UInt64", "order_key UInt64"].map(str::to_owned).to_vec();
    if kind == EntityKind::Person {
        out.push("company FixedString(16)".to_owned());
    }
    for field in texts(kind).map(TextField::name) {
        out.extend(["tokens", "words", "whole"].map(|part| format!("{part}_{field} String")));
    }
    out.extend(terms(kind).map(|field| format!("terms_{} Array(String)", field.name())));
    for field in numbers(kind).map(NumberField::name) {
        out.push(format!("has_{field} UInt8"));
        out.push(format!("number_{field} UInt64"));
    }
    out.extend(facets(kind).iter().map(|facet| format!("facet_{facet} String")));
    out
}

/// The statements that make the catalog's tables on one server.
#[must_use]
pub fn statements(target: &Target) -> Vec<String> {
    let Target { database, cluster, replicas, .. } = target;
    let mut out = vec![format!("CREATE DATABASE IF NOT EXISTS {database}")];
    for table in Table::all() {
        let name = TableName { target, table };
        let (order, granularity) = table.order();
        let engine = match replicas {
            1 => "MergeTree()".to_owned(),
            _ => format!(
                "ReplicatedMergeTree('/clickhouse/tables/{{shard}}/{database}/{}', '{{replica}}')",
                table.name()
            ),
        };
        out.push(format!(
            "CREATE TABLE IF NOT EXISTS {name}_local ({}) ENGINE = {engine} ORDER BY {order} \
             SETTINGS index_granularity = {granularity}",
            table.columns().join(", ")
        ));
        out.push(format!(
            "CREATE TABLE IF NOT EXISTS {name} AS {name}_local \
             ENGINE = Distributed({cluster}, {database}, {}_local, {})",
            table.name(),
            table.shard()
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::target::Target;
    use super::statements;

    fn made(url: &str) -> Vec<String> {
        let target = Target::parse(url).unwrap();
        statements(&target).into_iter().filter(|sql| !sql.contains("company")).collect()
    }

    /// The statements of small tables, whole; those of people only as far as they are not lists of columns.
    #[test]
    fn tables_are_sharded_and_replicated() {
        let alone = made("clickhouse://one/people?cluster=main");
        let few: Vec<&str> = alone
            .iter()
            .map(String::as_str)
            .filter(|sql| sql.contains("_key") || sql.contains(".lease"))
            .collect();
        assert_eq!(
            few,
            [
                "CREATE TABLE IF NOT EXISTS people.person_key_local (hash UInt64, check UInt64, id FixedString(16), version UInt64) ENGINE = MergeTree() ORDER BY (hash, check) SETTINGS index_granularity = 512",
                "CREATE TABLE IF NOT EXISTS people.person_key AS people.person_key_local ENGINE = Distributed(main, people, person_key_local, hash)",
                "CREATE TABLE IF NOT EXISTS people.lease_local (holder UInt64, serial UInt64, until UInt64) ENGINE = MergeTree() ORDER BY (holder, serial) SETTINGS index_granularity = 8192",
                "CREATE TABLE IF NOT EXISTS people.lease AS people.lease_local ENGINE = Distributed(main, people, lease_local, holder)",
            ]
        );
        assert_eq!(alone.first().map(String::as_str), Some("CREATE DATABASE IF NOT EXISTS people"));
        let replicated = made("clickhouse://one/people?cluster=main&replicas=2");
        assert_eq!(replicated.len(), alone.len());
        for (replicated, alone) in replicated.iter().zip(&alone) {
            let name = alone
                .split(' ')
                .nth(5)
                .unwrap_or_default()
                .trim_start_matches("people.")
                .trim_end_matches("_local");
            let path =
                format!("ReplicatedMergeTree('/clickhouse/tables/{{shard}}/people/{name}', '{{replica}}')");
            assert_eq!(*replicated, alone.replace("MergeTree()", &path));
        }
    }
}
