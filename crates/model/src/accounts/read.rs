//! Readers that several bodies share.

use super::ids::{AccountId, ProspectId};
use crate::canon;
use crate::fault::{Faults, Node};

/// The longest text that can be an identifier.
const LONGEST: usize = 2_048;

/// Reads a string of 1 to 255 characters, untrimmed.
pub(super) fn name(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    node.text(faults, 1, 255).map(str::to_owned)
}

fn canonical(
    node: &Node<'_>,
    faults: &mut Faults,
    read: impl FnOnce(&str) -> Option<String>,
    refusal: &str,
) -> Option<String> {
    let value = read(node.text(faults, 1, LONGEST)?);
    if value.is_none() {
        node.fault(faults, refusal);
    }
    value
}

/// Reads a domain into its canonical spelling.
pub(super) fn domain(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    canonical(node, faults, canon::domain, "Invalid domain: expected a registrable domain")
}

/// Reads an e-mail address into its canonical spelling.
pub(super) fn email(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    canonical(node, faults, canon::email, "Invalid email")
}

/// Reads a LinkedIn profile's URL into its canonical spelling.
pub(super) fn linkedin(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let refusal = "Invalid LinkedIn profile URL: expected https://www.linkedin.com/in/…";
    canonical(node, faults, canon::linkedin_person, refusal)
}

/// Reads a phone number of the documented form into its canonical spelling.
pub(super) fn phone(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    let read = |text: &str| canon::is_international_phone(text).then(|| canon::phone_or_same(text));
    canonical(node, faults, read, "Invalid phone number: expected ^\\+[1-9]\\d{1,14}$")
}

/// Reads an account's id.
pub(super) fn account_id(node: &Node<'_>, faults: &mut Faults) -> Option<AccountId> {
    let id = AccountId::parse(node.string(faults)?);
    if id.is_none() {
        node.fault(faults, "Invalid account id");
    }
    id
}

/// Reads a prospect's id.
pub(super) fn prospect_id(node: &Node<'_>, faults: &mut Faults) -> Option<ProspectId> {
    let id = ProspectId::parse(node.string(faults)?);
    if id.is_none() {
        node.fault(faults, "Invalid prospect id");
    }
    id
}
