use crate::harness::{ACME, OTHER, assert_fails, on_each, read, read_system, write, write_system};
use crate::samples::at;
use sluice_model::accounts::{ApiKey, ApiKeyId, Scope, Scopes, TenantId};
use sluice_model::{Actor, Role};
use sluice_store::StoreError;
use sluice_store::ops::api_key::{
    api_key_actor, api_key_insert, api_key_list, api_key_revoke, api_key_revoke_hash,
};
use sluice_store::ops::system::{
    member_delete, member_insert, member_set_role, organisation_insert, organisation_tenant, token_actor,
    token_insert,
};

fn key(number: u8, user: Option<&str>) -> ApiKey {
    ApiKey {
        id: ApiKeyId::from_bare(format!("{number:026}")),
        name: Some("CRM".to_owned()),
        user_id: user.map(str::to_owned),
        scopes: Scopes::of(&[Scope::AccountsWrite, Scope::LogsRead]),
        rate_per_minute: Some(60),
        created_at: at(0),
        revoked_at: None,
    }
}

#[tokio::test]
async fn a_key_names_its_organisation_until_it_is_revoked() {
    on_each(async |db| {
        let store = &db.store;
        let tenant = TenantId::from_bare("t".repeat(26));
        write_system!(store, [tenant], |tx| organisation_insert(tx, ACME, "Acme", &tenant, at(0)))?;
        assert_eq!(read_system!(store, |tx| organisation_tenant(tx, ACME))?, Some(tenant.clone()));
        assert_eq!(read_system!(store, |tx| organisation_tenant(tx, OTHER))?, None);
        let ann = Actor { organisation: ACME.to_owned(), user: "ann".to_owned(), role: Role::Admin };
        write_system!(store, [ann], |tx| member_insert(tx, &ann, None, at(0)))?;
        write_system!(store, [], |tx| token_insert(tx, &[9; 32], crate::samples::id(1), ACME, "ann", at(0)))?;
        for (number, user) in [(1, Some("ann")), (2, None)] {
            let key = key(number, user);
            write_system!(store, [key], |tx| api_key_insert(
                tx,
                ACME,
                &[key.id.bare().len() as u8 + number; 32],
                &key
            ))?;
        }
        let nowhere = key(3, None);
        let refused = write_system!(store, [nowhere], |tx| api_key_insert(tx, OTHER, &[3; 32], &nowhere));
        assert_fails!(refused, StoreError::Duplicate(_));
        let actor = async |number: u8| read_system!(store, |tx| api_key_actor(tx, &[26 + number; 32]));
        let found = actor(1).await?.expect("a valid key");
        assert_eq!(
            (found.organisation.as_str(), &found.tenant, found.user.as_deref()),
            (ACME, &tenant, Some("ann"))
        );
        assert_eq!((found.scopes, found.rate_per_minute), (key(1, None).scopes, Some(60)));
        assert_eq!(read_system!(store, |tx| api_key_actor(tx, &[0; 32]))?, None);
        // It follows its maker.
        let demoted = Actor { role: Role::Member, ..ann };
        write_system!(store, [demoted], |tx| member_set_role(tx, &demoted))?;
        assert_eq!(actor(1).await?.expect("a valid key").scopes.names(), ["logs:read"]);
        write_system!(store, [], |tx| member_delete(tx, ACME, "ann"))?;
        assert_eq!(actor(1).await?, None);
        assert_eq!(read_system!(store, |tx| token_actor(tx, &[9; 32]))?, None);
        let nobody = write_system!(store, [], |tx| member_delete(tx, ACME, "ann"));
        assert_fails!(nobody, StoreError::RowCount { operation: "member_delete", rows: 0 });
        assert_eq!(actor(2).await?.expect("nobody's key").user, None);
        assert!(write_system!(store, [], |tx| api_key_revoke_hash(tx, &[28; 32], at(5)))?);
        assert!(!write_system!(store, [], |tx| api_key_revoke_hash(tx, &[28; 32], at(6)))?);
        assert_eq!(actor(2).await?, None);
        for number in [2, 1] {
            let id = key(number, None).id;
            assert!(write!(store, ACME, [id], |tx| api_key_revoke(tx, &id, at(7)))?);
        }
        let absent = key(9, None).id;
        assert!(!write!(store, ACME, [absent], |tx| api_key_revoke(tx, &absent, at(7)))?);
        let expected = [
            ApiKey { revoked_at: Some(at(5)), ..key(2, None) },
            ApiKey { revoked_at: Some(at(7)), ..key(1, Some("ann")) },
        ];
        assert_eq!(read!(store, ACME, |tx| api_key_list(tx))?, expected);
        Ok(())
    })
    .await;
}
