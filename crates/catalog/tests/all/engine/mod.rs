//! The language of text, the reference evaluation, and the engines against it.

mod alike;
mod made;
mod titles;
mod writing;
