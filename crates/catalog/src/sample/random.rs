//! Numbers that look random and are the same on every machine.

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, and good enough for made-up people.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// The dice of one item of a series: items do not depend on those before them.
    pub fn of(seed: u64, item: u64) -> Self {
        let mut dice = Self(seed ^ item.wrapping_mul(0xd134_2543_de82_ef95));
        dice.next();
        Self(dice.next() ^ seed.rotate_left(32))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `end - 1`; 0 when `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        let product = u128::from(self.next()) * end as u128;
        usize::try_from(product >> 64).unwrap_or(0)
    }

    /// Whether something of `percent` in a hundred happens.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A number from `from` to `to`, both included.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let span = usize::try_from(to - from + 1).unwrap_or(0);
        from + i64::try_from(self.below(span)).unwrap_or(0)
    }

    /// One of `list`; the default when it is empty.
    pub fn pick<T: Copy + Default>(&mut self, list: &[T]) -> T {
        let at = self.below(list.len());
        list.get(at).copied().unwrap_or_default()
    }

    /// The lower of two draws up to `end - 1`: many small numbers and few large ones.
    pub fn low(&mut self, end: usize) -> usize {
        self.below(end).min(self.below(end))
    }

    /// The place in `sums`, rising sums of weights, of a draw by weight.
    pub fn weighted(&mut self, sums: &[u64]) -> usize {
        let total = sums.last().copied().unwrap_or(0);
        let draw = (u128::from(self.next()) * u128::from(total)) >> 64;
        sums.partition_point(|sum| u128::from(*sum) <= draw).min(sums.len().saturating_sub(1))
    }
}

/// A hash of text that is the same on every machine and in every version (FNV-1a).
pub(super) fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Rising sums of weights, for [`Dice::weighted`].
pub(super) fn sums(weights: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut total = 0_u64;
    weights
        .map(|weight| {
            total = total.saturating_add(weight);
            total
        })
        .collect()
}
