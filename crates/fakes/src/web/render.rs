//! The pages of a site, as HTML and as the text that a reader sees.

use super::site::{Behaviour, Language, SiteBook, SiteSpec};
use std::fmt::Write as _;
use url::Url;

/// A page of a sample web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamplePage {
    /// Where it is, after redirects.
    pub url: Url,
    pub status: u16,
    pub title: String,
    /// What a reader sees of its main part, as Markdown.
    pub markdown: String,
    pub html: String,
    pub links: Vec<SampleLink>,
}

/// A link of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleLink {
    pub url: String,
    pub text: String,
}

impl SiteBook {
    /// The page at a URL, after redirects; none when its host does not answer.
    #[must_use]
    pub fn page(&self, url: &Url) -> Option<SamplePage> {
        let mut url = url.clone();
        for _ in 0..5 {
            let host = url.host_str().unwrap_or_default();
            let site = self.site(host);
            match &site.behaviour {
                Behaviour::Down => return None,
                Behaviour::ToWww if !host.starts_with("www.") => {
                    let host = format!("www.{host}");
                    url.set_host(Some(&host)).ok()?;
                }
                Behaviour::Redirect(to) => url = url.join(to).ok()?,
                Behaviour::Status(status) => return Some(error_page(url, *status)),
                _ => return Some(page_of(&site, url)),
            }
        }
        None
    }
}

/// The paths of a site's pages, the home page first.
pub(super) fn paths(site: &SiteSpec) -> Vec<String> {
    let mut paths = ["/", "/about", "/products", "/contact"].map(str::to_owned).to_vec();
    paths.extend(site.careers.as_ref().map(|careers| careers.path.clone()));
    for path in site.sentences.keys() {
        if !paths.contains(path) {
            paths.push(path.clone());
        }
    }
    paths
}

pub(super) fn page_of(site: &SiteSpec, url: Url) -> SamplePage {
    if !paths(site).iter().any(|path| path == url.path()) {
        return error_page(url, 404);
    }
    let (heading, blocks) = content(site, url.path());
    let title = if url.path() == "/" { site.name.clone() } else { format!("{heading} – {}", site.name) };
    let mut links = Vec::new();
    let mut navigation = String::new();
    for path in paths(site) {
        let (text, _) = content(site, &path);
        let _ = write!(navigation, "<li><a href=\"{path}\">{}</a></li>", escaped(&text));
        if let Ok(to) = url.join(&path) {
            links.push(SampleLink { url: to.into(), text });
        }
    }
    let (mut html, mut markdown) = (String::new(), format!("# {heading}"));
    for block in &blocks {
        match block {
            Block::Paragraph(text) => {
                let _ = writeln!(html, "<p>{}</p>", escaped(text));
                let _ = write!(markdown, "\n\n{text}");
            }
            Block::Items(items) => {
                html.push_str("<ul>\n");
                markdown.push('\n');
                for item in items {
                    let _ = writeln!(html, "<li>{}</li>", escaped(item));
                    let _ = write!(markdown, "\n- {item}");
                }
                html.push_str("</ul>\n");
            }
        }
    }
    let html = framed(site, &title, &heading, &navigation, &html);
    SamplePage { url, status: 200, title, markdown, html, links }
}

fn error_page(url: Url, status: u16) -> SamplePage {
    let title = if status == 404 { "Page not found" } else { "Something went wrong" }.to_owned();
    let html = format!("<!doctype html><title>{title}</title><main><h1>{title}</h1></main>");
    let markdown = format!("# {title}");
    SamplePage { url, status, title, markdown, html, links: Vec::new() }
}

enum Block {
    Paragraph(String),
    Items(Vec<String>),
}

/// The heading of a page, and what stands below.
fn content(site: &SiteSpec, path: &str) -> (String, Vec<Block>) {
    let SiteSpec { name, industry, city, headcount, .. } = site;
    let german = site.language() == Language::German;
    let careers = site.careers.as_ref().filter(|careers| careers.path == path);
    let (heading, mut blocks) = if let Some(careers) = careers {
        let (heading, text) = if german {
            ("Karriere", format!("Arbeiten bei {name} in {city}: diese Stellen sind offen."))
        } else {
            ("Careers", format!("Work at {name} in {city}: these positions are open."))
        };
        (heading, vec![Block::Paragraph(text), Block::Items(careers.openings.clone())])
    } else if german {
        match path {
            "/" => (
                "Startseite",
                vec![text(format!("{name} ist ein Unternehmen aus {city}. Branche: {industry}."))],
            ),
            "/about" => {
                ("Über uns", vec![text(format!("{headcount} Menschen arbeiten bei {name} in {city}."))])
            }
            "/products" => {
                ("Produkte", vec![text(format!("Was {name} anbietet:")), Block::Items(site.products.clone())])
            }
            "/contact" => ("Kontakt", vec![text(format!("{name}, Hauptstraße 1, {city}."))]),
            _ => ("Mehr", Vec::new()),
        }
    } else {
        match path {
            "/" => ("Home", vec![text(format!("{name} is a company from {city}. Industry: {industry}."))]),
            "/about" => ("About us", vec![text(format!("{headcount} people work at {name} in {city}."))]),
            "/products" => {
                ("Products", vec![text(format!("What {name} offers:")), Block::Items(site.products.clone())])
            }
            "/contact" => ("Contact", vec![text(format!("{name}, 1 High Street, {city}."))]),
            _ => ("More", Vec::new()),
        }
    };
    let sentences = site.sentences.get(path).map_or(&[][..], Vec::as_slice);
    blocks.extend(sentences.iter().cloned().map(Block::Paragraph));
    (heading.to_owned(), blocks)
}

const fn text(text: String) -> Block {
    Block::Paragraph(text)
}

/// A page as sites write it: with a banner, a menu, a footer and scripts round the main part.
fn framed(site: &SiteSpec, title: &str, heading: &str, navigation: &str, main: &str) -> String {
    let (language, cookies, notice) = match site.language() {
        Language::English => ("en", "This site uses cookies.", "Legal notice"),
        Language::German => ("de", "Diese Seite verwendet Cookies.", "Impressum"),
    };
    let (title, name, city) = (escaped(title), escaped(&site.name), escaped(&site.city));
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <style>main {{ margin: 2em }}</style>\n<script>window.visits = (window.visits || 0) + 1;</script>\n\
         </head>\n<body>\n<div class=\"cookie-banner\"><p>{cookies}</p><button>OK</button></div>\n\
         <header><nav><ul>{navigation}</ul></nav></header>\n<main>\n<h1>{heading}</h1>\n{main}</main>\n\
         <footer><p>© {name}, {city}</p><a href=\"/legal\">{notice}</a></footer>\n</body>\n</html>\n",
        heading = escaped(heading),
    )
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
