//! How many calls go to one outside host at once, how fast, and when it is left alone.

use sluice_connect::http::{HostLimits, Hosts, LeftAlone, Turn};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::time::Instant;

const LIMITS: HostLimits =
    HostLimits { at_once: 4, per_second: 1000, burst: 1000, failures: 3, pause: Duration::from_secs(30) };

/// Polls once: whether it is the future's turn already.
fn now<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Option<T> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

fn at_once(at_once: usize) -> Hosts {
    Hosts::new(HostLimits { at_once, ..LIMITS })
}

#[tokio::test(start_paused = true)]
async fn a_host_takes_so_many_calls_at_once_in_the_order_of_asking() {
    let hosts = at_once(2);
    let turn = |host| hosts.turn(host, None);
    let first = now(pin!(turn("a.example"))).expect("a turn").expect("open");
    let second = now(pin!(turn("A.example"))).expect("a turn: the same host").expect("open");
    let (mut third, mut fourth) = (pin!(turn("a.example")), pin!(turn("a.example")));
    assert!(now(third.as_mut()).is_none() && now(fourth.as_mut()).is_none());
    let other = now(pin!(turn("b.example"))).expect("another host does not wait").expect("open");
    assert_eq!(hosts.known(), 2);
    first.answered();
    assert!(now(fourth.as_mut()).is_none(), "not before the third");
    let third = now(third.as_mut()).expect("its turn");
    drop((second, other));
    let fourth = now(fourth.as_mut()).expect("its turn");
    drop((third, fourth));
    // The pace of the calls is remembered for as long as it plays a part.
    tokio::time::advance(Duration::from_secs(1)).await;
    drop((turn("a.example").await, turn("b.example").await));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(hosts.known(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_waits_no_longer_leaves_no_trace() {
    let hosts = at_once(1);
    let held = now(pin!(hosts.turn("a.example", None))).expect("a turn").expect("open");
    {
        let mut gone = Box::pin(hosts.turn("a.example", None));
        assert!(now(gone.as_mut()).is_none());
    }
    let mut next = pin!(hosts.turn("a.example", None));
    assert!(now(next.as_mut()).is_none());
    tokio::time::advance(Duration::from_secs(1)).await;
    held.answered();
    let next = now(next.as_mut()).expect("the turn of who went is not lost").expect("open");
    tokio::time::advance(Duration::from_secs(1)).await;
    next.answered();
    assert_eq!(hosts.known(), 0, "hosts that nobody calls are forgotten");
    assert!(now(pin!(at_once(0).turn("a.example", None))).is_some(), "one at least");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn never_more_than_so_many_at_once() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let hosts = at_once(4);
    let (calls, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let callers: Vec<_> = (0..200)
        .map(|_| {
            let (hosts, calls, most) = (hosts.clone(), calls.clone(), most.clone());
            tokio::spawn(async move {
                let turn = hosts.turn("a.example", None).await.expect("open");
                most.fetch_max(calls.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                calls.fetch_sub(1, Ordering::SeqCst);
                turn.answered();
            })
        })
        .collect();
    for caller in callers {
        caller.await.expect("no panic");
    }
    assert_eq!(most.load(Ordering::SeqCst), 4);
}

/// When each of so many calls begins, in milliseconds after the first.
async fn beginnings(hosts: &Hosts, calls: usize, pace: Option<Duration>) -> Vec<u128> {
    let begun = Instant::now();
    let mut at = Vec::new();
    for _ in 0..calls {
        hosts.turn("a.example", pace).await.expect("open").answered();
        at.push(begun.elapsed().as_millis());
    }
    at
}

#[tokio::test(start_paused = true)]
async fn calls_follow_each_other_no_faster_than_they_may() {
    let hosts = Hosts::new(HostLimits { per_second: 5, burst: 3, ..LIMITS });
    assert_eq!(beginnings(&hosts, 6, None).await, [0, 0, 0, 200, 400, 600]);
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(beginnings(&hosts, 4, None).await, [0, 0, 0, 200], "rest gives no more than the burst");
    tokio::time::advance(Duration::from_secs(60)).await;
    let pace = Some(Duration::from_secs(2));
    assert_eq!(beginnings(&hosts, 3, pace).await, [0, 2000, 4000], "what the host asks for has no burst");
    tokio::time::advance(Duration::from_secs(60)).await;
    let pace = Some(Duration::from_millis(1));
    assert_eq!(beginnings(&hosts, 4, pace).await, [0, 0, 0, 200], "our own limit holds all the same");
}

async fn turn(hosts: &Hosts) -> Turn {
    hosts.turn("a.example", None).await.expect("open")
}

async fn left_alone(hosts: &Hosts) -> Option<LeftAlone> {
    hosts.turn("a.example", None).await.err()
}

#[tokio::test(start_paused = true)]
async fn a_host_that_fails_is_left_alone_and_tried_again() {
    let hosts = Hosts::new(LIMITS);
    turn(&hosts).await.failed();
    turn(&hosts).await.failed();
    turn(&hosts).await.answered();
    for _ in 0..3 {
        turn(&hosts).await.failed();
    }
    let pause = |seconds| Some(LeftAlone(Duration::from_secs(seconds)));
    assert_eq!(left_alone(&hosts).await, pause(30), "three in a row, not three in all");
    assert!(hosts.turn("b.example", None).await.is_ok(), "others are called");
    tokio::time::advance(Duration::from_secs(20)).await;
    assert_eq!(left_alone(&hosts).await, pause(10));
    tokio::time::advance(Duration::from_secs(10)).await;
    let trial = turn(&hosts).await;
    assert_eq!(left_alone(&hosts).await, pause(30), "one call tries, the others do not");
    trial.failed();
    assert_eq!(left_alone(&hosts).await, pause(30));
    tokio::time::advance(Duration::from_secs(30)).await;
    drop(turn(&hosts).await);
    let trial = turn(&hosts).await;
    trial.answered();
    let (one, two) = (turn(&hosts).await, turn(&hosts).await);
    one.failed();
    two.failed();
    assert_eq!(left_alone(&hosts).await, None, "it begins anew");
}

#[tokio::test(start_paused = true)]
async fn who_waited_while_a_host_failed_does_not_call_it() {
    let hosts = Hosts::new(HostLimits { at_once: 1, failures: 1, ..LIMITS });
    let held = turn(&hosts).await;
    let mut waiting = pin!(hosts.turn("a.example", None));
    assert!(now(waiting.as_mut()).is_none());
    held.failed();
    let refused = now(waiting.as_mut()).expect("an answer").expect_err("refused");
    assert_eq!(refused, LeftAlone(Duration::from_secs(30)));
}

#[tokio::test(start_paused = true)]
async fn the_table_of_hosts_is_bounded() {
    let hosts = Hosts::new(LIMITS);
    let held = hosts.turn("held.example", None).await.expect("open");
    for number in 0..12_000 {
        hosts.turn(&format!("{number}.example"), None).await.expect("open").failed();
    }
    assert!(hosts.known() <= 10_000, "{}", hosts.known());
    held.answered();
}
