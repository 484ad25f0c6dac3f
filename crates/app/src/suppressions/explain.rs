use super::find::{Probe, of_lead};
use crate::{Context, Error, Result};
use serde::Serialize;
use sluice_model::canon;
use sluice_model::suppression::SuppressionKind;
use sluice_model::{Actor, Lead, Suppression};
use sluice_store::ops::record::person_get;
use sluice_store::ops::suppression::suppression_find;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whom the question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// A person of the organisation or of the catalog.
    Person(Uuid),
    /// A canonical e-mail address.
    Email(String),
    /// A canonical domain.
    Domain(String),
}

/// Whether somebody is suppressed, and by which entries.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    pub suppressed: bool,
    /// The entries that suppress, the most specific first.
    pub matches: Vec<SuppressionMatch>,
    /// The answer as a sentence for people.
    pub sentence: String,
}

/// One entry that suppresses, and by what it was found.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SuppressionMatch {
    pub entry: Suppression,
    pub matched_kind: SuppressionKind,
    /// The value asked for, or found on the person.
    pub matched_value: String,
}

/// Tells whether somebody is suppressed, by which entry, and why.
///
/// # Errors
/// Not found, for a person that neither the organisation nor the catalog has.
pub async fn explain(context: &Context, actor: &Actor, whom: Whom) -> Result<Explanation> {
    let probes = match whom {
        Whom::Person(id) => of_lead(&person(context, actor, id).await?),
        Whom::Email(email) => {
            let domain = email.rsplit('@').next().and_then(canon::domain);
            let domain = domain.map(|domain| Probe::new(SuppressionKind::Domain, domain));
            std::iter::once(Probe::new(SuppressionKind::Email, email)).chain(domain).collect()
        }
        Whom::Domain(domain) => vec![Probe::new(SuppressionKind::Domain, domain)],
    };
    let hashes: Vec<[u8; 32]> = probes.iter().map(|probe| probe.hash(&actor.organisation)).collect();
    let now = context.now();
    let wanted = hashes.clone();
    let found = context
        .read(actor, move |tx| {
            Box::pin(async move { Ok::<_, Error>(suppression_find(tx, &wanted, now).await?) })
        })
        .await?;
    let matches: Vec<SuppressionMatch> = probes
        .into_iter()
        .zip(&hashes)
        .flat_map(|(probe, hash)| {
            let entries = found.iter().filter(move |stored| stored.hash == hash);
            entries.map(move |stored| SuppressionMatch {
                entry: stored.entry.clone(),
                matched_kind: probe.kind,
                matched_value: probe.value.clone(),
            })
        })
        .collect();
    Ok(Explanation { suppressed: !matches.is_empty(), sentence: sentence(&matches), matches })
}

fn sentence(matches: &[SuppressionMatch]) -> String {
    let Some(first) = matches.first() else { return "Not on the suppression list.".to_owned() };
    let why = first.entry.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!(
        "Suppressed by the {} {} since {}{why}.",
        first.matched_kind.name(),
        first.matched_value,
        first.entry.created_at.date()
    )
}

async fn person(context: &Context, actor: &Actor, id: Uuid) -> Result<Lead> {
    let own = context
        .read(actor, move |tx| Box::pin(async move { Ok::<_, Error>(person_get(tx, id).await?) }))
        .await?;
    if let Some(lead) = own {
        return Ok(lead);
    }
    let hit = context.catalog.people(&[id]).await?.pop();
    let hit = hit.ok_or_else(|| Error::NotFound(format!("Person not found: {id}")))?;
    Ok(Lead::from_catalog(hit.person, hit.company))
}
