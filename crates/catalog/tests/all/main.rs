//! All integration tests of the catalog in one binary.

mod clickhouse;
mod engine;
mod import;
mod sample;
mod text;
