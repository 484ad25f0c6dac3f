//! What is to be exported.

use crate::fault::{Fault, Faults, Node, shorten};
use crate::kind::EntityKind;
use crate::lead::has_field;
use crate::prospect_body::{Selection, read_selection};

/// The fields of an export that names none.
pub const DEFAULT_FIELDS: [&str; 15] = [
    "id",
    "firstName",
    "lastName",
    "jobTitle",
    "seniority",
    "emails",
    "phones",
    "linkedinUrl",
    "city",
    "country",
    "company.name",
    "company.domain",
    "company.websiteUrl",
    "company.headcount",
    "company.industry",
];
/// The most fields of an export.
const MAX_FIELDS: usize = 200;

/// The body of an export.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    pub selection: Selection,
    /// Paths of fields, in the order of the columns.
    pub fields: Vec<String>,
}

impl Export {
    /// Reads `{selection, exportFields?}`.
    ///
    /// # Errors
    /// All faults of the body.
    pub fn read(node: &Node<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::new();
        let (mut selection, mut fields) = (None, Some(DEFAULT_FIELDS.map(str::to_owned).to_vec()));
        let read = node.object(&mut faults, &["selection"], |key, child, faults| {
            match key {
                "selection" => selection = read_selection(child, faults),
                "exportFields" => {
                    fields = child.array(faults, MAX_FIELDS, read_field);
                    if child.value().as_array().is_some_and(Vec::is_empty) {
                        child.fault(faults, "Array must contain at least 1 element(s)");
                    }
                }
                _ => return false,
            }
            true
        });
        let export = || Some(Self { selection: selection?, fields: fields? });
        faults.finish(read.and_then(|()| export()))
    }
}

fn read_field(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let path = node.string(faults)?;
    if !has_field(EntityKind::Person, path) {
        node.fault(faults, format!("Unknown field: '{}'", shorten(path)));
        return None;
    }
    Some(path.to_owned())
}
