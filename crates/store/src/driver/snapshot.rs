//! One snapshot for the short reads that a request does one right after the other: who calls, then what they ask for.
//! On SQLite beginning and ending a read costs more than a look-up: locks on the file, which readers wait for.

use super::sqlite::{Snapshot, Sqlite};
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

enum Scope {
    /// Each read has its own snapshot.
    None,
    /// The first read leaves its snapshot here for those that follow.
    Open(Option<Snapshot>),
}

thread_local! {
    static SCOPE: RefCell<Scope> = const { RefCell::new(Scope::None) };
}

/// Lets short reads of `work` share a snapshot as long as it neither waits nor writes: none sees less than what was
/// committed when the work was last resumed, and each sees what the work wrote before.
pub async fn one_snapshot<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    poll_fn(|context| {
        let _scope = Entered::new();
        work.as_mut().poll(context)
    })
    .await
}

/// The time of one poll; when it ends, by a panic too, so does the snapshot.
struct Entered;

impl Entered {
    fn new() -> Self {
        SCOPE.with_borrow_mut(|scope| *scope = Scope::Open(None));
        Self
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        end();
        SCOPE.with_borrow_mut(|scope| *scope = Scope::None);
    }
}

/// The snapshot of this database that is open here.
pub(super) fn take(sqlite: &Arc<Sqlite>) -> Option<Snapshot> {
    SCOPE.with_borrow_mut(|scope| match scope {
        Scope::Open(open) => open.take_if(|snapshot| Arc::ptr_eq(&snapshot.sqlite, sqlite)),
        Scope::None => None,
    })
}

/// Leaves the snapshot to the reads that follow, or ends it if there can be none.
pub(super) fn keep(snapshot: Snapshot) {
    let ended = SCOPE.with_borrow_mut(|scope| match scope {
        Scope::Open(open) => open.replace(snapshot),
        Scope::None => Some(snapshot),
    });
    if let Some(ended) = ended {
        ended.end();
    }
}

/// Ends the snapshot that is open here: what is read from now on sees what was written before.
pub(super) fn end() {
    let open = SCOPE.with_borrow_mut(|scope| match scope {
        Scope::Open(open) => open.take(),
        Scope::None => None,
    });
    if let Some(snapshot) = open {
        snapshot.end();
    }
}
