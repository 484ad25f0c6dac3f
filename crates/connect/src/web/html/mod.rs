//! What a reader sees of a page, from its HTML in one pass: no tree is built, so that nothing grows with the depth of
//! what a page nests, and a page of any shape takes time by its length alone.

mod elements;
mod entities;
mod readable;
mod tokens;

pub(super) use entities::decode;
pub(super) use readable::{Readable, read};
