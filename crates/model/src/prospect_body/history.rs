//! What a person written out has behind them: languages, educations, jobs.

use super::optional;
use crate::fault::{Faults, Node};
use crate::person::{
    DateSpan, Education, EmployeeRange, Employer, Institution, LanguageSkill, Position, WorkExperience,
};

/// The most items of each kind.
const MAX_ITEMS: usize = 1_000;

/// Reads an array of objects, each key with `field`, which returns whether it knows the key.
fn items<T: Default>(
    node: &Node<'_>,
    faults: &mut Faults,
    field: impl Fn(&mut T, &str, &Node<'_>, &mut Faults) -> bool,
) -> Vec<T> {
    node.array(faults, MAX_ITEMS, |item, faults| Some(one(item, faults, &field))).unwrap_or_default()
}

/// Reads one object as [`items`] does.
fn one<T: Default>(
    node: &Node<'_>,
    faults: &mut Faults,
    field: impl Fn(&mut T, &str, &Node<'_>, &mut Faults) -> bool,
) -> T {
    let mut out = T::default();
    node.object(faults, &[], |key, child, faults| field(&mut out, key, child, faults));
    out
}

pub(super) fn languages(node: &Node<'_>, faults: &mut Faults) -> Vec<LanguageSkill> {
    items(node, faults, |skill: &mut LanguageSkill, key, node, faults| {
        match key {
            "language" => skill.language = node.trimmed(faults, 255).unwrap_or_default(),
            "level" => skill.level = optional(node, faults),
            _ => return false,
        }
        true
    })
}

pub(super) fn educations(node: &Node<'_>, faults: &mut Faults) -> Vec<Education> {
    items(node, faults, |education: &mut Education, key, node, faults| {
        match key {
            "institution" => education.institution = institution(node, faults),
            "degreeName" => education.degree_name = optional(node, faults),
            "fieldOfStudy" => education.field_of_study = optional(node, faults),
            "grade" => education.grade = optional(node, faults),
            "dates" => education.dates = dates(node, faults),
            _ => return false,
        }
        true
    })
}

pub(super) fn work_experiences(node: &Node<'_>, faults: &mut Faults) -> Vec<WorkExperience> {
    items(node, faults, |job: &mut WorkExperience, key, node, faults| {
        match key {
            "company" => job.company = employer(node, faults),
            "dates" => job.dates = dates(node, faults),
            "profilePositions" => job.profile_positions = positions(node, faults),
            _ => return false,
        }
        true
    })
}

fn positions(node: &Node<'_>, faults: &mut Faults) -> Vec<Position> {
    items(node, faults, |position: &mut Position, key, node, faults| {
        match key {
            "company" => position.company = optional(node, faults),
            "description" => position.description = optional(node, faults),
            "title" => position.title = optional(node, faults),
            "dates" => position.dates = dates(node, faults),
            _ => return false,
        }
        true
    })
}

fn institution(node: &Node<'_>, faults: &mut Faults) -> Institution {
    one(node, faults, |school: &mut Institution, key, node, faults| {
        match key {
            "id" => school.id = optional(node, faults),
            "name" => school.name = optional(node, faults),
            "logoUrl" => school.logo_url = optional(node, faults),
            "linkedinUrl" => school.linkedin_url = optional(node, faults),
            _ => return false,
        }
        true
    })
}

fn employer(node: &Node<'_>, faults: &mut Faults) -> Employer {
    one(node, faults, |company: &mut Employer, key, node, faults| {
        match key {
            "id" => company.id = optional(node, faults),
            "name" => company.name = optional(node, faults),
            "logoUrl" => company.logo_url = optional(node, faults),
            "linkedinUrl" => company.linkedin_url = optional(node, faults),
            "employees" => {
                company.employees =
                    node.nullable(faults, |node, faults| Some(employees(node, faults))).flatten();
            }
            "domain" => company.domain = optional(node, faults),
            _ => return false,
        }
        true
    })
}

fn employees(node: &Node<'_>, faults: &mut Faults) -> EmployeeRange {
    let number = |node: &Node<'_>, faults: &mut Faults| {
        node.nullable(faults, |node, faults| node.integer(faults, 0, 1_000_000_000)).flatten()
    };
    one(node, faults, |range: &mut EmployeeRange, key, node, faults| {
        match key {
            "start" => range.start = number(node, faults).map(i64::unsigned_abs),
            "end" => range.end = number(node, faults).map(i64::unsigned_abs),
            _ => return false,
        }
        true
    })
}

fn dates(node: &Node<'_>, faults: &mut Faults) -> DateSpan {
    one(node, faults, |span: &mut DateSpan, key, node, faults| {
        match key {
            "start" => span.start = optional(node, faults),
            "end" => span.end = optional(node, faults),
            _ => return false,
        }
        true
    })
}
