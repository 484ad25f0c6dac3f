//! The language of text, the reference evaluation, and the engines against it.

pub mod alike;
pub mod made;
mod titles;
mod writing;
