//! How many calls go to one outside host at once.

use sluice_app::hosts::HostLimits;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Polls once: whether it is the future's turn already.
fn now<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Option<T> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

#[test]
fn a_host_takes_so_many_calls_at_once_in_the_order_of_asking() {
    let limits = HostLimits::new(2);
    let first = now(pin!(limits.turn("a.example"))).expect("a turn");
    let second = now(pin!(limits.turn("A.example"))).expect("a turn: the same host");
    let (mut third, mut fourth) = (pin!(limits.turn("a.example")), pin!(limits.turn("a.example")));
    assert!(now(third.as_mut()).is_none() && now(fourth.as_mut()).is_none());
    let other = now(pin!(limits.turn("b.example"))).expect("another host does not wait");
    assert_eq!(limits.busy(), 2);
    drop(first);
    assert!(now(fourth.as_mut()).is_none(), "not before the third");
    let third = now(third.as_mut()).expect("its turn");
    drop((second, other));
    let fourth = now(fourth.as_mut()).expect("its turn");
    assert_eq!(limits.busy(), 1);
    drop((third, fourth));
    assert_eq!(limits.busy(), 0, "hosts that nobody calls are forgotten");
}

#[test]
fn who_waits_no_longer_leaves_no_trace() {
    let limits = HostLimits::new(1);
    let held = now(pin!(limits.turn("a.example"))).expect("a turn");
    {
        let mut gone = Box::pin(limits.turn("a.example"));
        assert!(now(gone.as_mut()).is_none());
    }
    let mut next = pin!(limits.turn("a.example"));
    assert!(now(next.as_mut()).is_none());
    drop(held);
    let next = now(next.as_mut()).expect("the turn of who went is not lost");
    drop(next);
    assert_eq!(limits.busy(), 0);
    assert!(now(pin!(HostLimits::new(0).turn("a.example"))).is_some(), "one at least");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn never_more_than_so_many_at_once() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let limits = HostLimits::default();
    let (calls, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let callers: Vec<_> = (0..200)
        .map(|_| {
            let (limits, calls, most) = (limits.clone(), calls.clone(), most.clone());
            tokio::spawn(async move {
                let turn = limits.turn("a.example").await;
                most.fetch_max(calls.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                calls.fetch_sub(1, Ordering::SeqCst);
                drop(turn);
            })
        })
        .collect();
    for caller in callers {
        caller.await.expect("no panic");
    }
    assert_eq!((most.load(Ordering::SeqCst), limits.busy()), (4, 0));
}
