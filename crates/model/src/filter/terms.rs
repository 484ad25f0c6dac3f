//! Wrappers and the lists of values in them.

use super::tree::{Clause, Keyword, Mode, Text, Wrapper};
use crate::fault::{Fault, Faults, Node, Place};

/// The most values that one list of a facet holds.
pub const MAX_VALUES: usize = 2_000;
/// The most values of a list of ids or domains.
pub const MAX_IDS: usize = 100_000;
/// The most characters of one value.
pub const MAX_VALUE_CHARS: usize = 10_000;

/// Writes that `key` is missing in the object at `node`.
pub(super) fn required(node: &Node<'_>, key: &str, faults: &mut Faults) {
    faults.push(Fault::new(Place::Key(node.place(), key).to_path(), "Required"));
}

/// Reads one side of `{"any":{"include":X,"exclude":X},"all":{…}}`: calls `leaf` for each X, and makes a clause
/// of what it returns. `leaf` returns `None` for a fault and for what is not given. Returns whether the key is that
/// of a wrapper.
pub(super) fn wrapper<F>(
    key: &str,
    node: &Node<'_>,
    faults: &mut Faults,
    out: &mut Vec<Clause<F>>,
    mut leaf: impl FnMut(&Node<'_>, &mut Faults) -> Option<F>,
) -> bool {
    let (include, exclude) = match key {
        "any" => (Wrapper::AnyInclude, Wrapper::AnyExclude),
        "all" => (Wrapper::AllInclude, Wrapper::AllExclude),
        _ => return false,
    };
    node.object(faults, &[], |key, child, faults| {
        let wrapper = match key {
            "include" => include,
            "exclude" => exclude,
            _ => return false,
        };
        out.extend(leaf(child, faults).map(|facet| Clause { wrapper, facet }));
        true
    });
    true
}

/// Reads a list of values, each with `read`; an empty list is `None`, as is one with nothing but faults.
pub(super) fn list(
    node: &Node<'_>,
    faults: &mut Faults,
    max: usize,
    read: impl FnMut(&Node<'_>, &mut Faults) -> Option<String>,
) -> Option<Vec<String>> {
    node.array(faults, max, read).filter(|values| !values.is_empty())
}

/// Reads a list of strings of at least one character.
pub(super) fn strings(node: &Node<'_>, faults: &mut Faults, max: usize) -> Option<Vec<String>> {
    list(node, faults, max, |item, faults| item.text(faults, 1, MAX_VALUE_CHARS).map(str::to_owned))
}

/// Reads a list of names out of a closed set.
pub(super) fn names(node: &Node<'_>, faults: &mut Faults, names: &[&str]) -> Option<Vec<String>> {
    list(node, faults, MAX_VALUES, |item, faults| {
        item.one_of(faults, names).and_then(|position| names.get(position)).map(|name| (*name).to_owned())
    })
}

/// Reads X of a facet with modes: a list, or `{"mode":…,"content":[…]}`.
pub(super) fn text(node: &Node<'_>, faults: &mut Faults) -> Option<Text> {
    if !node.value().is_object() {
        return strings(node, faults, MAX_VALUES).map(|values| Text { mode: Mode::Smart, values });
    }
    let mut mode = Some(Mode::Smart);
    let mut values = None;
    node.object(faults, &["content"], |key, child, faults| {
        match key {
            "mode" => mode = self::mode(child, faults),
            "content" => values = strings(child, faults, MAX_VALUES),
            _ => return false,
        }
        true
    })?;
    Some(Text { mode: mode?, values: values? })
}

fn mode(node: &Node<'_>, faults: &mut Faults) -> Option<Mode> {
    node.one_of(faults, &Mode::NAMES).and_then(|position| Mode::ALL.get(position).copied())
}

/// Reads X of a keyword facet: a list, `{"mode":…,"content":[…]}`, or `{"sources":[{"mode","source"}],"content":[…]}`.
/// Without sources all are looked at.
pub(super) fn keyword<S: Copy>(
    node: &Node<'_>,
    faults: &mut Faults,
    names: &[&str],
    all: &[S],
) -> Option<Keyword<S>> {
    let everywhere = |mode: Mode| all.iter().map(|source| (*source, mode)).collect::<Vec<_>>();
    if !node.value().is_object() {
        let values = strings(node, faults, MAX_VALUES)?;
        return Some(Keyword { sources: everywhere(Mode::Smart), values });
    }
    let mut mode = Some(Mode::Smart);
    let mut sources = Some(Vec::new());
    let mut values = None;
    let both = node.value().get("mode").is_some() && node.value().get("sources").is_some();
    node.object(faults, &["content"], |key, child, faults| {
        match key {
            "mode" if both => child.fault(faults, "'mode' and 'sources' exclude each other"),
            "mode" => mode = self::mode(child, faults),
            "sources" => {
                sources = child.array(faults, MAX_VALUES, |item, faults| source(item, faults, names, all))
            }
            "content" => values = strings(child, faults, MAX_VALUES),
            _ => return false,
        }
        true
    })?;
    let (mode, sources, values) = (mode?, sources?, values?);
    Some(Keyword { sources: if sources.is_empty() { everywhere(mode) } else { sources }, values })
}

fn source<S: Copy>(node: &Node<'_>, faults: &mut Faults, names: &[&str], all: &[S]) -> Option<(S, Mode)> {
    let mut mode = Some(Mode::Smart);
    let mut source = None;
    node.object(faults, &["source"], |key, child, faults| {
        match key {
            "mode" => mode = self::mode(child, faults),
            "source" => source = child.one_of(faults, names).and_then(|position| all.get(position).copied()),
            _ => return false,
        }
        true
    })?;
    Some((source?, mode?))
}
