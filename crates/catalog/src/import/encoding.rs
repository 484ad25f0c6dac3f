//! Text that is not UTF-8: what a file is encoded in, and reading it as UTF-8.

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::io::{self, Read};

const CHUNK: usize = 64 * 1024;

/// How the characters of a text file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, low byte first: "Unicode text" of spreadsheets.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1252, and Latin-1, whose printable characters are the same.
    Windows1252,
}

impl Encoding {
    /// Every encoding with its name, as the command line takes it.
    pub const ALL: [(&'static str, Self); 4] = [
        ("utf-8", Self::Utf8),
        ("utf-16le", Self::Utf16Le),
        ("utf-16be", Self::Utf16Be),
        ("windows-1252", Self::Windows1252),
    ];

    /// UTF-16 by its mark, or by the NUL beside each of the first characters. A mark of UTF-8 counts too.
    pub(super) fn of_head(head: &[u8]) -> Option<Self> {
        match head {
            [0xff, 0xfe, ..] => Some(Self::Utf16Le),
            [0xfe, 0xff, ..] => Some(Self::Utf16Be),
            [0xef, 0xbb, 0xbf, ..] => Some(Self::Utf8),
            [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some(Self::Utf16Le),
            [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some(Self::Utf16Be),
            _ => None,
        }
    }

    /// What is noted in the report of a file that is not UTF-8.
    pub(super) fn note(self) -> Option<&'static str> {
        match self {
            Self::Utf8 => None,
            Self::Utf16Le | Self::Utf16Be => Some("the file is UTF-16 and was read as such"),
            Self::Windows1252 => Some("the file is not UTF-8, it was read as Windows-1252"),
        }
    }

    /// The text as UTF-8. UTF-8 passes as it is: its bad rows are set aside one by one.
    pub(super) fn decode(self, bytes: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        let decoder = match self {
            Self::Utf8 => return bytes,
            Self::Utf16Le => UTF_16LE.new_decoder_with_bom_removal(),
            Self::Utf16Be => UTF_16BE.new_decoder_with_bom_removal(),
            Self::Windows1252 => WINDOWS_1252.new_decoder_without_bom_handling(),
        };
        Box::new(Decoding {
            bytes,
            decoder,
            raw: vec![0; CHUNK],
            raw_at: 0,
            raw_end: 0,
            text: Vec::new(),
            text_at: 0,
            ended: false,
        })
    }
}

/// Reads text of another encoding as UTF-8.
struct Decoding {
    bytes: Box<dyn Read + Send>,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    raw_end: usize,
    text: Vec<u8>,
    text_at: usize,
    /// The decoder has seen the end.
    ended: bool,
}

impl Decoding {
    fn fill(&mut self) -> io::Result<()> {
        let mut last = false;
        if self.raw_at == self.raw_end {
            self.raw_at = 0;
            self.raw_end = self.bytes.read(&mut self.raw)?;
            last = self.raw_end == 0;
        }
        // Room for any chunk: UTF-8 takes at most three bytes for a unit of the encodings here.
        self.text.resize(3 * CHUNK + 16, 0);
        let rest = self.raw.get(self.raw_at..self.raw_end).unwrap_or_default();
        let (result, read, written, _) = self.decoder.decode_to_utf8(rest, &mut self.text, last);
        self.raw_at += read;
        self.text.truncate(written);
        self.text_at = 0;
        self.ended = last && result == CoderResult::InputEmpty;
        Ok(())
    }
}

impl Read for Decoding {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.text_at == self.text.len() && !self.ended {
            self.fill()?;
        }
        let mut rest = self.text.get(self.text_at..).unwrap_or_default();
        let read = rest.read(out)?;
        self.text_at += read;
        Ok(read)
    }
}

/// What the bytes of a text tell about its encoding.
#[derive(Default)]
pub(super) struct Evidence {
    /// A character beyond ASCII that is valid UTF-8. By chance that is rare in other encodings.
    multibyte: bool,
    invalid: bool,
    /// The beginning of a character whose rest is in the bytes to come.
    carry: Vec<u8>,
}

impl Evidence {
    /// The evidence in one piece of text, cut anywhere.
    pub fn of(piece: &[u8]) -> Self {
        let mut evidence = Self::default();
        evidence.add(piece);
        evidence
    }

    pub fn add(&mut self, piece: &[u8]) {
        if (self.multibyte && self.invalid) || (self.carry.is_empty() && piece.is_ascii()) {
            return;
        }
        let joined;
        let mut rest = if self.carry.is_empty() {
            piece
        } else {
            joined = [self.carry.as_slice(), piece].concat();
            self.carry.clear();
            joined.as_slice()
        };
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.multibyte |= !text.is_ascii();
                    return;
                }
                Err(error) => {
                    let (valid, bad) = rest.split_at(error.valid_up_to());
                    self.multibyte |= !valid.is_ascii();
                    let Some(length) = error.error_len() else {
                        self.carry = bad.to_vec();
                        return;
                    };
                    self.invalid = true;
                    rest = bad.get(length..).unwrap_or_default();
                }
            }
        }
    }

    /// The encoding: Windows-1252 where bytes are no UTF-8 and nothing beyond ASCII is. A file in which both occur
    /// was put together from several; it is read as UTF-8 and the other rows are set aside.
    pub fn encoding(&self) -> Encoding {
        if self.invalid && !self.multibyte { Encoding::Windows1252 } else { Encoding::Utf8 }
    }
}

/// Whether these are the first bytes of no text at all: of text, hardly any are control characters.
pub(super) fn is_binary(head: &[u8]) -> bool {
    let control = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0c);
    head.iter().filter(control).count() * 20 > head.len()
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, Encoding, Evidence};
    use std::io::{Cursor, Read};

    fn decoded(encoding: Encoding, bytes: Vec<u8>) -> String {
        let mut text = String::new();
        encoding.decode(Box::new(Cursor::new(bytes))).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn other_encodings_become_utf_8_across_chunks() {
        let text = "Jürgen Müller 🚀 – Łódź\n".repeat(CHUNK / 16);
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> =
            [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
        assert_eq!(Encoding::of_head(&little), Some(Encoding::Utf16Le));
        assert_eq!(Encoding::of_head(&big), Some(Encoding::Utf16Be));
        assert!(decoded(Encoding::Utf16Le, little) == text && decoded(Encoding::Utf16Be, big) == text);
        assert_eq!(decoded(Encoding::Windows1252, b"J\xfcrgen \x80 5".to_vec()), "Jürgen € 5");
    }

    #[test]
    fn the_bytes_tell_the_encoding() {
        for (pieces, expected) in [
            (vec![&b"plain"[..]], Encoding::Utf8),
            (vec![b"J\xc3", b"\xbcrgen"], Encoding::Utf8),
            (vec![b"J\xfcrgen"], Encoding::Windows1252),
            (vec![b"J\xfcrgen\n", b"J\xc3\xbcrgen"], Encoding::Utf8),
            (vec![b"ends in J\xfc"], Encoding::Windows1252),
            (vec![b"ends in J\xc3"], Encoding::Utf8),
        ] {
            let mut evidence = Evidence::default();
            pieces.iter().for_each(|piece| evidence.add(piece));
            assert_eq!(evidence.encoding(), expected, "{pieces:?}");
        }
    }
}
