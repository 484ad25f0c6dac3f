//! The bytes that records and replies travel in: ClickHouse's `RowBinary`.

use crate::CatalogError;
use uuid::Uuid;

/// Rows of a table or a list, to be sent.
#[derive(Debug, Default)]
pub struct Rows {
    pub bytes: Vec<u8>,
}

impl Rows {
    pub fn id(&mut self, id: Uuid) -> &mut Self {
        self.bytes.extend_from_slice(id.as_bytes());
        self
    }

    pub fn number(&mut self, number: u64) -> &mut Self {
        self.bytes.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub fn small(&mut self, number: u8) -> &mut Self {
        self.bytes.push(number);
        self
    }

    pub fn text(&mut self, text: &[u8]) -> &mut Self {
        self.length(text.len());
        self.bytes.extend_from_slice(text);
        self
    }

    pub fn texts<T: AsRef<str>>(&mut self, texts: &[T]) -> &mut Self {
        self.length(texts.len());
        for text in texts {
            self.text(text.as_ref().as_bytes());
        }
        self
    }

    pub fn numbers(&mut self, numbers: &[u64]) -> &mut Self {
        self.length(numbers.len());
        for number in numbers {
            self.number(*number);
        }
        self
    }

    fn length(&mut self, mut length: usize) {
        while length >= 0x80 {
            self.bytes.push((length & 0x7f) as u8 | 0x80);
            length >>= 7;
        }
        self.bytes.push(length as u8);
    }
}

/// Reads a reply.
pub struct Reply<'b> {
    rest: &'b [u8],
}

impl<'b> Reply<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn id(&mut self) -> Result<Uuid, CatalogError> {
        Ok(Uuid::from_bytes(self.take()?))
    }

    pub fn number(&mut self) -> Result<u64, CatalogError> {
        Ok(u64::from_le_bytes(self.take()?))
    }

    pub fn numbers(&mut self) -> Result<Vec<u64>, CatalogError> {
        let length = self.length()?;
        (0..length).map(|_| self.number()).collect()
    }

    pub fn bytes(&mut self) -> Result<&'b [u8], CatalogError> {
        let length = self.length()?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or_else(cut)?;
        self.rest = rest;
        Ok(bytes)
    }

    pub fn text(&mut self) -> Result<String, CatalogError> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(|error| CatalogError::Corrupt(error.to_string()))
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], CatalogError> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or_else(cut)?;
        self.rest = rest;
        Ok(*bytes)
    }

    fn length(&mut self) -> Result<usize, CatalogError> {
        let mut length = 0_usize;
        for shift in (0..63).step_by(7) {
            let [byte] = self.take()?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(length);
            }
        }
        Err(cut())
    }
}

fn cut() -> CatalogError {
    CatalogError::Unavailable("ClickHouse sent half a reply".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Reply, Rows};
    use uuid::Uuid;

    #[test]
    fn what_is_written_is_read() {
        let long = "x".repeat(20_000);
        let mut rows = Rows::default();
        rows.id(Uuid::from_u128(7)).number(u64::MAX).text(long.as_bytes()).numbers(&[1, 2]);
        let mut reply = Reply::new(&rows.bytes);
        assert_eq!(reply.id().unwrap(), Uuid::from_u128(7));
        assert_eq!(reply.number().unwrap(), u64::MAX);
        assert_eq!(reply.text().unwrap(), long);
        assert_eq!(reply.numbers().unwrap(), [1, 2]);
        assert!(reply.is_done());
        let cut = rows.bytes.get(..100).unwrap();
        let mut reply = Reply::new(cut);
        assert!(reply.id().is_ok() && reply.number().is_ok() && reply.text().is_err());
    }
}
