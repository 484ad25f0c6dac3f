//! Processes are killed, databases restarted and connections cut while people go on using the product: nothing that was
//! answered is lost, nothing happens twice, and every run ends with the list of an undisturbed one.

mod catalog;
mod crowd;
mod database;
mod fleet;
mod processes;
mod rig;
mod runs;

/// Chance that is the same at each run of the tests.
pub struct Chance(u64);

impl Chance {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Less than `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
