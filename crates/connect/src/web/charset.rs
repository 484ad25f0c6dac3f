//! Which letters the bytes of a page stand for.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How far into a page its own word on its encoding may stand, by the HTML standard.
const PRESCAN: usize = 1024;

/// A page as text: by its byte order mark, else its header, else what it says itself, else UTF-8 where it is that, and
/// Windows-1252 where it is not. Bytes that stand for nothing become U+FFFD.
pub(super) fn text(body: &[u8], content_type: &str) -> String {
    let encoding = match Encoding::for_bom(body) {
        Some((encoding, _)) => encoding,
        None => label(content_type)
            .or_else(|| said(body))
            .unwrap_or_else(|| if std::str::from_utf8(body).is_ok() { UTF_8 } else { WINDOWS_1252 }),
    };
    encoding.decode(body).0.into_owned()
}

/// What the page itself says. It cannot be UTF-16, or that could not have been read.
fn said(body: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(body.get(..PRESCAN).unwrap_or(body)).to_ascii_lowercase();
    let found = start.match_indices("charset").find_map(|(at, _)| label(start.get(at..)?))?;
    Some(if found == UTF_16LE || found == UTF_16BE { UTF_8 } else { found })
}

/// The encoding that `charset=…` names.
fn label(text: &str) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let value = lower.split_once("charset")?.1.trim_start().strip_prefix('=')?.trim_start();
    let value = value.trim_start_matches(['"', '\'']);
    let end = value.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '>' | '/' | ','));
    Encoding::for_label(value.get(..end.unwrap_or(value.len()))?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn the_mark_goes_before_the_header_and_the_header_before_the_page() {
        for (body, content_type, expected) in [
            (&b"caf\xc3\xa9"[..], "text/html", "café"),
            (b"caf\xe9", "text/html", "café"),
            (b"caf\xe9", "text/html; charset=ISO-8859-1", "café"),
            (b"caf\xe9 \x80", "text/html; Charset=\"latin1\"; x", "café €"),
            (b"caf\xc3\xa9", "text/html;charset=iso-8859-1", "cafÃ©"),
            (b"\xef\xbb\xbfcaf\xc3\xa9", "text/html; charset=iso-8859-1", "café"),
            (b"\xff\xfea\x00\xe9\x00", "text/html; charset=utf-8", "aé"),
            (b"\xfe\xff\x00a\x00\xe9", "", "aé"),
            (b"<meta charset=windows-1251>\xcf\xf0", "text/html", "<meta charset=windows-1251>Пр"),
            (
                b"<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=shift_jis'>\x83e",
                "text/html",
                "<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=shift_jis'>テ",
            ),
            (b"<meta charset=utf-16>\xc3\xa9", "text/html", "<meta charset=utf-16>é"),
            (b"<meta charset=klingon>\xc3\xa9", "text/html; charset=elvish", "<meta charset=klingon>é"),
            (b"a\xff", "text/html; charset=utf-8", "a\u{fffd}"),
            (b"", "", ""),
        ] {
            assert_eq!(text(body, content_type), expected, "{content_type} {body:?}");
        }
    }
}
