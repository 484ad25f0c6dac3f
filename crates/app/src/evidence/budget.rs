//! What a run may spend, and has.

use sluice_model::run::{Budget, Cost};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Why no further call can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The run's budget is spent.
    Budget,
    /// The organisation's credits are.
    Credits,
    /// A service does not accept the credentials, or wants to be paid first: which one, and what it said.
    Refused(Arc<str>),
}

impl Stop {
    /// As `stoppedBy` of a run.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Budget => "budget",
            Self::Credits => "credits",
            Self::Refused(_) => "connector",
        }
    }

    /// What there is to tell beside the name.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Budget | Self::Credits => None,
            Self::Refused(text) => Some(text),
        }
    }
}

/// The calls and credits of one run. What a candidate may need at most is set aside for it before it is looked up ahead
/// of others, so that no candidate wants for what a later one has spent.
#[derive(Debug)]
pub struct Spending {
    budget: Budget,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    spent: Cost,
    /// Set aside for calls that may come.
    held: Cost,
}

impl Spending {
    /// With so much spent already.
    #[must_use]
    pub fn new(budget: Budget, spent: Cost) -> Arc<Self> {
        Arc::new(Self { budget, state: Mutex::new(State { spent, held: Cost::default() }) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that could panic is done under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is spent so far.
    #[must_use]
    pub fn spent(&self) -> Cost {
        self.lock().spent
    }

    fn free(&self, state: &State) -> Cost {
        let left = |most: Option<u64>, spent: u64, held: u64| {
            most.map_or(u64::MAX, |most| most.saturating_sub(spent).saturating_sub(held))
        };
        Cost {
            calls: left(self.budget.calls, state.spent.calls, state.held.calls),
            credits: left(self.budget.credits, state.spent.credits, state.held.credits),
        }
    }

    /// Whether so much can be set aside.
    #[must_use]
    pub fn allows(&self, most: Cost) -> bool {
        let free = self.free(&self.lock());
        free.calls >= most.calls && free.credits >= most.credits
    }

    /// Sets so much aside, or what there is of it.
    #[must_use]
    pub fn allot(self: &Arc<Self>, most: Cost) -> Allotment {
        let mut state = self.lock();
        let free = self.free(&state);
        let held = Cost { calls: most.calls.min(free.calls), credits: most.credits.min(free.credits) };
        state.held += held;
        drop(state);
        Allotment { spending: self.clone(), held, spent: Cost::default() }
    }
}

/// What is set aside for one candidate. What is left of it goes back when this is dropped.
#[derive(Debug)]
pub struct Allotment {
    spending: Arc<Spending>,
    held: Cost,
    spent: Cost,
}

impl Allotment {
    /// What was spent of it.
    #[must_use]
    pub fn spent(&self) -> Cost {
        self.spent
    }

    /// Takes one call from it, when it goes as far as this call may go at most: so many calls, repairs among them, and
    /// so many credits, which are taken at once. `false` when it does not.
    #[must_use]
    pub fn begin(&mut self, most: Cost) -> bool {
        if self.held.calls < most.calls.max(1) || self.held.credits < most.credits {
            return false;
        }
        self.book(Cost { calls: 1, credits: most.credits });
        true
    }

    /// After a call: it took this many calls in all, and of the credits that it began with `unused` were not needed.
    pub fn settle(&mut self, calls: u64, unused: u64) {
        self.book(Cost { calls: calls.saturating_sub(1), credits: 0 });
        let mut state = self.spending.lock();
        state.spent.credits = state.spent.credits.saturating_sub(unused);
        state.held.credits += unused;
        self.held.credits += unused;
        self.spent.credits = self.spent.credits.saturating_sub(unused);
    }

    /// Takes back a call that was begun and could not be made.
    pub fn take_back(&mut self, credits: u64) {
        let mut state = self.spending.lock();
        for of in [&mut state.spent, &mut self.spent] {
            of.calls = of.calls.saturating_sub(1);
            of.credits = of.credits.saturating_sub(credits);
        }
        for of in [&mut state.held, &mut self.held] {
            *of += Cost { calls: 1, credits };
        }
    }

    fn book(&mut self, cost: Cost) {
        // Calls beyond the allotment, should there be any, are made already: they count all the same.
        let held =
            Cost { calls: cost.calls.min(self.held.calls), credits: cost.credits.min(self.held.credits) };
        let mut state = self.spending.lock();
        for of in [&mut state.held, &mut self.held] {
            of.calls -= held.calls;
            of.credits -= held.credits;
        }
        state.spent += cost;
        self.spent += cost;
    }
}

impl Drop for Allotment {
    fn drop(&mut self) {
        let mut state = self.spending.lock();
        state.held.calls -= self.held.calls;
        state.held.credits -= self.held.credits;
    }
}

#[cfg(test)]
mod tests {
    use super::{Allotment, Spending};
    use sluice_model::run::{Budget, Cost};

    fn cost(calls: u64, credits: u64) -> Cost {
        Cost { credits, calls }
    }

    #[test]
    fn what_is_set_aside_is_nobody_elses() {
        let budget = Budget { calls: Some(10), credits: Some(7) };
        let spending = Spending::new(budget, cost(2, 0));
        let mut first = spending.allot(cost(4, 4));
        assert!(spending.allows(cost(4, 3)) && !spending.allows(cost(5, 3)) && !spending.allows(cost(4, 4)));
        assert!(first.begin(cost(1, 3)) && !first.begin(cost(1, 2)), "four credits do not go that far");
        first.settle(1, 2);
        assert!(first.begin(cost(2, 2)));
        first.settle(2, 0);
        assert_eq!((first.spent(), spending.spent()), (cost(3, 3), cost(5, 3)));
        assert!(first.begin(cost(1, 1)) && !first.begin(cost(1, 0)), "four calls do not go that far");
        drop(first);
        assert!(spending.allows(cost(4, 3)) && !spending.allows(cost(5, 0)));
        let mut last: Allotment = spending.allot(cost(9, 9));
        for _ in 0..3 {
            assert!(last.begin(cost(2, 0)));
            last.settle(1, 0);
        }
        assert!(!last.begin(cost(2, 0)), "a repair would go beyond");
        assert!(last.begin(cost(1, 0)) && !last.begin(cost(1, 0)));
        last.settle(1, 0);
        assert_eq!(spending.spent(), cost(10, 4));
        drop(last);
        assert!(!spending.allows(cost(1, 0)) && spending.allows(cost(0, 3)));
    }

    #[test]
    fn without_a_bound_there_is_always_more() {
        let spending = Spending::new(Budget::default(), cost(u64::MAX / 2, 0));
        let mut all = spending.allot(cost(3, 3));
        assert!(all.begin(cost(1, 3)) && all.begin(cost(1, 0)) && all.begin(cost(1, 0)));
        assert!(!all.begin(cost(1, 0)));
    }
}
