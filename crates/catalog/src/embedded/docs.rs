//! Documents of one segment that have something, as they are remembered.

use super::bits::Bits;

/// A set of documents: bit by bit, or listed when they are few.
#[derive(Debug)]
pub(super) enum Docs {
    Many(Bits),
    Few(Vec<u32>),
}

impl Docs {
    pub fn of(bits: Bits) -> Self {
        if bits.count() < u64::from(bits.len() / 32) {
            Self::Few(bits.iter().collect())
        } else {
            Self::Many(bits)
        }
    }

    /// Adds them to a set.
    pub fn add_to(&self, set: &mut Bits) {
        match self {
            Self::Many(bits) => set.or(bits),
            Self::Few(docs) => docs.iter().for_each(|doc| set.insert(*doc)),
        }
    }

    /// Keeps of a set those that are among them.
    pub fn restrict(&self, set: &mut Bits) {
        match self {
            Self::Many(bits) => set.and(bits),
            Self::Few(docs) => {
                let mut kept = Bits::none(set.len());
                docs.iter().filter(|doc| set.contains(**doc)).for_each(|doc| kept.insert(*doc));
                *set = kept;
            }
        }
    }

    /// Takes them out of a set.
    pub fn take_from(&self, set: &mut Bits) {
        match self {
            Self::Many(bits) => set.and_not(bits),
            Self::Few(docs) => docs.iter().for_each(|doc| set.remove(*doc)),
        }
    }

    pub fn contains(&self, doc: u32) -> bool {
        match self {
            Self::Many(bits) => bits.contains(doc),
            Self::Few(docs) => docs.binary_search(&doc).is_ok(),
        }
    }

    /// What it takes in memory, about.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Many(bits) => bits.bytes(),
            Self::Few(docs) => docs.len() * size_of::<u32>() + size_of::<Self>(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bits, Docs};

    #[test]
    fn few_and_many_are_the_same_sets() {
        let of = |every: u32| {
            let mut bits = Bits::all(1000);
            bits.retain(|doc| doc % every == 0);
            bits
        };
        for every in [1, 2, 7, 100, 999] {
            let (plain, docs) = (of(every), Docs::of(of(every)));
            assert_eq!(matches!(docs, Docs::Few(_)), every >= 100, "{every}");
            let (mut added, mut expected) = (of(3), of(3));
            docs.add_to(&mut added);
            expected.or(&plain);
            assert_eq!(added, expected);
            docs.restrict(&mut added);
            assert_eq!(added, plain);
            let mut left = of(3);
            docs.take_from(&mut left);
            assert!((0..1000).all(|doc| left.contains(doc) == (doc % 3 == 0 && doc % every != 0)));
            assert!((0..1000).all(|doc| docs.contains(doc) == plain.contains(doc)));
        }
    }
}
