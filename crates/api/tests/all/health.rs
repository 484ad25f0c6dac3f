//! Whether the process can do its work.

use sluice_app::health::{Readiness, readiness};
use sluice_testkit::{BrokenCatalog, Failure, TestApp};
use std::sync::Arc;

#[tokio::test]
async fn readiness_names_the_part_that_is_missing() {
    let ready = Readiness { database: "ok", catalog: "ok", process: "ok" };
    let app = TestApp::start().await;
    let found = readiness(&app.context).await;
    assert_eq!((found, found.is_ready()), (ready, true));
    app.context.stop.begin();
    let found = readiness(&app.context).await;
    assert_eq!((found, found.is_ready()), (Readiness { process: "stopping", ..ready }, false));
    let app = TestApp::start_on(Arc::new(BrokenCatalog(Failure::Unavailable))).await;
    let found = readiness(&app.context).await;
    assert_eq!((found, found.is_ready()), (Readiness { catalog: "unavailable", ..ready }, false));
}
