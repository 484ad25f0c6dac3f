//! A small web of company sites: any host answers with a believable one, the same each time.

mod render;
mod serve;
mod site;

pub use render::{SampleLink, SamplePage};
pub use serve::SampleWeb;
pub use site::{Behaviour, Careers, Charset, Language, SiteBook, SiteSpec};
