//! The catalog in a cluster, behind the API.

use serde_json::json;
use sluice_app::health::readiness;
use sluice_catalog::{ClickHouseCatalog, Writer};
use sluice_model::Person;
use sluice_testdb::clickhouse::Cluster;
use sluice_testkit::{Caller as _, TestApp};
use std::sync::Arc;
use uuid::Uuid;

const SEARCH: &str = "/api/v1/entities/prospects/person";

#[tokio::test]
async fn without_one_of_its_shards_the_catalog_is_unavailable() {
    let mut cluster = Cluster::start(2).expect("a ClickHouse cluster for the tests");
    let catalog = ClickHouseCatalog::new(&cluster.url("people")).expect("the cluster's URL");
    catalog.init().await.expect("tables");
    let mut writer = catalog.writer().expect("writer");
    for number in 1..=20 {
        let ann = Person { id: Uuid::from_u128(number), first_name: "Ann".to_owned(), ..Person::default() };
        writer.store_person(&ann, &[]).expect("put");
    }
    writer.commit().expect("commit");
    drop(writer);
    let app = TestApp::start_on(Arc::new(catalog)).await;
    let all = app.member().post(SEARCH, &json!({})).await.expect(200).json();
    assert_eq!(all["totalElements"], 20);
    cluster.stop_shard(1);
    let reply = app.member().post(SEARCH, &json!({})).await;
    insta::assert_json_snapshot!(reply, @r#"
    {
      "status": 503,
      "retry-after": "1",
      "body": {
        "error": {
          "code": "UNAVAILABLE",
          "message": "Try again in a moment"
        }
      }
    }
    "#);
    assert_eq!(readiness(&app.context).await.catalog, "unavailable");
    cluster.start_shard(1).expect("the shard comes back");
    assert_eq!(app.member().post(SEARCH, &json!({})).await.expect(200).json()["totalElements"], 20);
}
