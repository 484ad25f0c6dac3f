//! Tests of the whole product but for the network: the real router on a real database, with a catalog in memory, a
//! clock that stands still and randomness that counts. Every reply is held against the OpenAPI document of its API, and
//! those of the accounts API against schemas written from its documented contract.

mod app;
mod broken;
mod callers;
mod clock;
pub mod contract;
mod database;
pub mod outside;
pub mod records;
mod request;
mod seed;

pub use app::{App, TestApp};
pub use broken::{BrokenCatalog, Failure};
pub use callers::{
    ACME, Admin, Anonymous, Caller, GLOBEX, Machine, MalformedToken, Member, OtherOrganisation,
    OutsideMember, RevokedToken, users,
};
pub use clock::{CountingRandom, START, TestClock};
pub use request::{REQUEST_ID, Reply, Request};
