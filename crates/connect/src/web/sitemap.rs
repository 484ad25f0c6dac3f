//! Site maps (sitemaps.org, protocol 0.9).

use super::html::decode;
use url::Url;

/// The most places of one map that are read.
const MOST: usize = 5000;

/// What a map says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sitemap {
    /// Whether the places are further maps.
    pub is_index: bool,
    pub places: Vec<Url>,
}

/// Reads a map. What is none has no places.
pub(super) fn read(text: &str) -> Sitemap {
    let is_index = text.contains("<sitemapindex");
    let mut places = Vec::new();
    let mut rest = text;
    while let Some((_, from)) = rest.split_once("<loc>") {
        let Some((place, after)) = from.split_once("</loc>") else { break };
        rest = after;
        let place = place.trim();
        let place =
            place.strip_prefix("<![CDATA[").and_then(|place| place.strip_suffix("]]>")).unwrap_or(place);
        if let Ok(mut url) = Url::parse(decode(place).trim()) {
            url.set_fragment(None);
            if matches!(url.scheme(), "http" | "https") {
                places.push(url);
            }
        }
        if places.len() >= MOST {
            break;
        }
    }
    Sitemap { is_index, places }
}

#[cfg(test)]
mod tests {
    use super::{Sitemap, read};
    use url::Url;

    #[test]
    fn maps_and_indexes_are_read() {
        let urls = |urls: &[&str]| urls.iter().map(|url| Url::parse(url).unwrap()).collect();
        for (text, is_index, places) in [
            ("", false, &[][..]),
            ("<html>not found</html>", false, &[]),
            (
                "<urlset><url><loc> https://a.example/x?a=1&amp;b=2#c </loc></url><url><loc>/relative</loc></url>\
                 <url><loc>ftp://a.example/</loc></url><url><loc><![CDATA[https://a.example/y]]></loc></url>\
                 <image:loc>https://a.example/i.png</image:loc><loc>https://a.example/cut",
                false,
                &["https://a.example/x?a=1&b=2", "https://a.example/y"],
            ),
            (
                "<?xml version=\"1.0\"?>\n<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n\
                 <sitemap>\n<loc>https://a.example/1.xml</loc>\n</sitemap></sitemapindex>",
                true,
                &["https://a.example/1.xml"],
            ),
        ] {
            assert_eq!(read(text), Sitemap { is_index, places: urls(places) }, "{text}");
        }
    }

    #[test]
    fn a_map_is_read_up_to_so_many_places() {
        let text = "<loc>http://a.example/</loc>".repeat(6000);
        assert_eq!(read(&text).places.len(), 5000);
    }
}
