//! The long dialect: `contact` and `account`, along the table of facets.

use super::facets::{ACCOUNT, CONTACT, Entry};
use super::terms;
use super::tree::{AccountFacet, Clause, ContactFacet, Wrapper};
use crate::fault::{Faults, Node};

/// Reads the `contact` part.
pub(super) fn contact(node: &Node<'_>, faults: &mut Faults, out: &mut Vec<Clause<ContactFacet>>) {
    walk(node, faults, out, &CONTACT.iter().collect::<Vec<_>>(), 0);
}

/// Reads the `account` part.
pub(super) fn account(node: &Node<'_>, faults: &mut Faults, out: &mut Vec<Clause<AccountFacet>>) {
    walk(node, faults, out, &ACCOUNT.iter().collect::<Vec<_>>(), 0);
}

/// Reads an object below which `entries` stand; `depth` keys led to it.
fn walk<F>(
    node: &Node<'_>,
    faults: &mut Faults,
    out: &mut Vec<Clause<F>>,
    entries: &[&'static Entry<F>],
    depth: usize,
) {
    node.object(faults, &[], |key, child, faults| {
        let is_here = |entry: &&&Entry<F>| entry.path.get(depth) == Some(&key);
        let below: Vec<&'static Entry<F>> = entries.iter().filter(is_here).copied().collect();
        step(child, faults, out, &below, depth + 1)
    });
}

/// Reads what stands at a key, and returns whether there is anything known at it.
fn step<F>(
    node: &Node<'_>,
    faults: &mut Faults,
    out: &mut Vec<Clause<F>>,
    entries: &[&'static Entry<F>],
    depth: usize,
) -> bool {
    let facet = entries.iter().find(|entry| entry.path.len() == depth);
    match facet {
        None if entries.is_empty() => return false,
        None => walk(node, faults, out, entries, depth),
        Some(entry) if entries.len() == 1 => facet_at(node, faults, out, entry),
        Some(entry) => both(node, faults, out, entry, entries, depth),
    }
    true
}

fn facet_at<F>(node: &Node<'_>, faults: &mut Faults, out: &mut Vec<Clause<F>>, entry: &'static Entry<F>) {
    let shape = &entry.shape;
    if !shape.is_wrapped() || shape.is_bare(node.value()) {
        let facet = shape.read(node, faults);
        out.extend(facet.map(|facet| Clause { wrapper: Wrapper::AnyInclude, facet }));
    } else {
        node.object(faults, &[], |key, child, faults| {
            terms::wrapper(key, child, faults, out, |node, faults| shape.read(node, faults))
        });
    }
}

/// Reads an object that holds the wrappers of a facet, and others below it, as `language` does.
fn both<F>(
    node: &Node<'_>,
    faults: &mut Faults,
    out: &mut Vec<Clause<F>>,
    entry: &'static Entry<F>,
    entries: &[&'static Entry<F>],
    depth: usize,
) {
    node.object(faults, &[], |key, child, faults| {
        let is_here = |other: &&&Entry<F>| other.path.get(depth) == Some(&key);
        let below: Vec<&'static Entry<F>> = entries.iter().filter(is_here).copied().collect();
        terms::wrapper(key, child, faults, out, |node, faults| entry.shape.read(node, faults))
            || step(child, faults, out, &below, depth + 1)
    });
}
