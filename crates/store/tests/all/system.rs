use crate::harness::{ACME, Check, OTHER, assert_fails, on_each, read, read_system, write_system};
use crate::samples::{at, id};
use sluice_model::accounts::TenantId;
use sluice_model::{Actor, Role};
use sluice_store::ops::member::member_role;
use sluice_store::ops::system::{
    member_get, member_insert, member_set_role, organisation_insert, organisation_name, ping, token_actor,
    token_insert, token_revoke,
};
use sluice_store::{Store, StoreError};

fn tenant(organisation: &str) -> TenantId {
    TenantId::from_bare(format!("{organisation:0>26}"))
}

fn actor(organisation: &str, role: Role) -> Actor {
    Actor { organisation: organisation.to_owned(), user: "user_ann".to_owned(), role }
}

async fn add(store: &Store, actor: &Actor) -> Check {
    let actor = actor.clone();
    write_system!(store, [actor], |tx| member_insert(tx, &actor, Some("ann@acme.example"), at(0)))
}

async fn organisations(store: &Store) -> Check {
    for id in [ACME, OTHER] {
        write_system!(store, [], |tx| organisation_insert(tx, id, &id.to_uppercase(), &tenant(id), at(0)))?;
    }
    Ok(())
}

#[tokio::test]
async fn organisations_have_unique_ids() {
    on_each(async |db| {
        organisations(&db.store).await?;
        let name = read_system!(db.store, |tx| organisation_name(tx, ACME))?;
        assert_eq!(name.as_deref(), Some("ORG_ACME"));
        assert_eq!(read_system!(db.store, |tx| organisation_name(tx, "org_none"))?, None);
        let taken =
            write_system!(db.store, [], |tx| organisation_insert(tx, ACME, "Again", &tenant("x"), at(1)));
        assert_fails!(taken, StoreError::Duplicate(_));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_same_user_id_is_another_user_in_another_organisation() {
    on_each(async |db| {
        organisations(&db.store).await?;
        let (admin, member) = (actor(ACME, Role::Admin), actor(OTHER, Role::Member));
        add(&db.store, &admin).await?;
        add(&db.store, &member).await?;
        assert_fails!(add(&db.store, &admin).await, StoreError::Duplicate(_));
        assert!(add(&db.store, &actor("org_none", Role::Member)).await.is_err());
        assert_eq!(read_system!(db.store, |tx| member_get(tx, ACME, "user_ann"))?, Some(admin));
        assert_eq!(read_system!(db.store, |tx| member_get(tx, ACME, "user_bob"))?, None);

        let demoted = actor(ACME, Role::Member);
        write_system!(db.store, [demoted], |tx| member_set_role(tx, &demoted))?;
        assert_eq!(read_system!(db.store, |tx| member_get(tx, ACME, "user_ann"))?, Some(demoted));
        assert_eq!(read_system!(db.store, |tx| member_get(tx, OTHER, "user_ann"))?, Some(member));
        let nobody = actor("org_none", Role::Admin);
        let refused = write_system!(db.store, [nobody], |tx| member_set_role(tx, &nobody));
        assert_fails!(refused, StoreError::RowCount { operation: "member_set_role", rows: 0 });
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_token_names_its_user_until_it_is_revoked() {
    on_each(async |db| {
        organisations(&db.store).await?;
        add(&db.store, &actor(ACME, Role::Member)).await?;
        write_system!(db.store, [], |tx| token_insert(tx, &[1; 32], id(1), ACME, "user_ann", at(0)))?;
        write_system!(db.store, [], |tx| token_insert(tx, &[2; 32], id(2), ACME, "user_ann", at(0)))?;
        let taken =
            write_system!(db.store, [], |tx| token_insert(tx, &[1; 32], id(3), ACME, "user_ann", at(0)));
        assert_fails!(taken, StoreError::Duplicate(_));
        for (organisation, user) in [(ACME, "user_bob"), (OTHER, "user_ann")] {
            let refused = write_system!(db.store, [], |tx| token_insert(
                tx,
                &[9; 32],
                id(9),
                organisation,
                user,
                at(0)
            ));
            assert!(refused.is_err(), "a token of nobody");
        }
        let found = read_system!(db.store, |tx| token_actor(tx, &[1; 32]))?;
        assert_eq!(found, Some(actor(ACME, Role::Member)));
        // A token follows its user's role.
        let promoted = actor(ACME, Role::Admin);
        write_system!(db.store, [promoted], |tx| member_set_role(tx, &promoted))?;
        assert_eq!(read_system!(db.store, |tx| token_actor(tx, &[1; 32]))?, Some(promoted.clone()));
        assert_eq!(read_system!(db.store, |tx| token_actor(tx, &[3; 32]))?, None);

        assert!(write_system!(db.store, [], |tx| token_revoke(tx, &[1; 32], at(5)))?);
        assert!(!write_system!(db.store, [], |tx| token_revoke(tx, &[1; 32], at(6)))?, "revoked already");
        assert!(!write_system!(db.store, [], |tx| token_revoke(tx, &[3; 32], at(6)))?, "no such token");
        assert_eq!(read_system!(db.store, |tx| token_actor(tx, &[1; 32]))?, None);
        assert_eq!(read_system!(db.store, |tx| token_actor(tx, &[2; 32]))?, Some(promoted));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_unit_of_an_organisation_knows_the_roles_of_its_users() {
    on_each(async |db| {
        organisations(&db.store).await?;
        add(&db.store, &actor(ACME, Role::Member)).await?;
        assert_eq!(read!(db.store, ACME, |tx| member_role(tx, "user_ann"))?, Some(Role::Member));
        assert_eq!(read!(db.store, ACME, |tx| member_role(tx, "user_bob"))?, None);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_there_answers() {
    on_each(async |db| read_system!(db.store, |tx| ping(tx))).await;
}
