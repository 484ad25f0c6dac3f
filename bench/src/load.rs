//! A small HTTP/1.1 load generator: one connection per client, one request at a time on each, every reply
//! checked. It runs on one thread, so that the server keeps as much of the machine as it can.

use anyhow::{Context as _, Result, bail};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What a load gave.
pub struct Measured {
    pub requests: u64,
    pub elapsed: Duration,
    /// Sorted.
    pub latencies: Vec<Duration>,
}

/// Sends what `request(client, number)` makes from `clients` connections for `time`, after a warm-up of a quarter
/// of it.
///
/// # Errors
/// When a reply is no success, or the connection fails.
pub fn run<F>(address: SocketAddr, clients: usize, time: Duration, request: F) -> Result<Measured>
where
    F: Fn(usize, u64) -> Vec<u8> + Clone + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async move {
        let begun = Instant::now();
        let (from, to) = (begun + time / 4, begun + time / 4 + time);
        let mut tasks = JoinSet::new();
        for client in 0..clients {
            let request = request.clone();
            tasks.spawn(async move { work(address, from, to, move |number| request(client, number)).await });
        }
        let mut latencies = Vec::new();
        while let Some(done) = tasks.join_next().await {
            latencies.extend(done??);
        }
        latencies.sort();
        Ok(Measured { requests: latencies.len() as u64, elapsed: time, latencies })
    })
}

async fn work(
    address: SocketAddr,
    from: Instant,
    to: Instant,
    request: impl Fn(u64) -> Vec<u8>,
) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 64 << 10];
    let mut latencies = Vec::with_capacity(4096);
    let mut number = 0;
    loop {
        let begun = Instant::now();
        if begun >= to {
            return Ok(latencies);
        }
        stream.write_all(&request(number)).await?;
        number += 1;
        read_reply(&mut stream, &mut buffer).await?;
        if begun >= from {
            latencies.push(begun.elapsed());
        }
    }
}

async fn read_reply(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<()> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        if read == 0 {
            bail!("the server closed the connection");
        }
        filled += read;
        let Some(end) = buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&buffer[..end])?;
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .context("a reply without content-length")?;
        let length: usize = length.1.trim().parse()?;
        if filled < end + 4 + length {
            continue;
        }
        if !head.starts_with("HTTP/1.1 20") {
            bail!("{}", String::from_utf8_lossy(&buffer[..filled]));
        }
        return Ok(());
    }
}
