//! One run of Chromium: a profile of its own, no environment, a time limit, and nothing left behind.

use super::ChromiumOptions;
use crate::error::{ConnectError, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

/// The most bytes of a document that are read.
const DOCUMENT_LIMIT: u64 = 8 << 20;

/// What is switched off: all that calls out by itself, and all that a text does not need.
const FLAGS: [&str; 23] = [
    "--headless",
    "--dump-dom",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--dns-prefetch-disable",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--password-store=basic",
    "--blink-settings=imagesEnabled=false",
    // Loopback goes through the proxy as everything else does.
    "--proxy-bypass-list=<-loopback>",
    // No name is looked up; the proxy is an address.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    // No UDP past the proxy.
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
];

/// The document at this address as HTML, after its scripts ran, by way of this proxy.
///
/// # Errors
/// [`ConnectError::Unavailable`] when Chromium cannot be started, fails, or takes too long.
pub(super) async fn dump(options: &ChromiumOptions, proxy: SocketAddr, entry: &str) -> Result<String> {
    let mut run = Run::start(options, proxy, entry)?;
    let dumped = tokio::time::timeout(options.time_limit, run.output()).await;
    let html = dumped.map_err(|_| ConnectError::Unavailable("Chromium took too long".into()))??;
    if html.trim().is_empty() {
        return Err(ConnectError::Unavailable("Chromium gave no document".into()));
    }
    Ok(html)
}

/// A running browser. However it ends, its processes and its profile go.
struct Run {
    child: Child,
    group: Option<Pid>,
    profile: Option<TempDir>,
}

impl Run {
    fn start(options: &ChromiumOptions, proxy: SocketAddr, entry: &str) -> Result<Self> {
        let failed = |error: std::io::Error| ConnectError::Unavailable(format!("Chromium: {error}"));
        let profile = tempfile::Builder::new().prefix("sluice-chromium-").tempdir().map_err(failed)?;
        let mut command = Command::new(&options.binary);
        command
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("--virtual-time-budget={}", options.script_time.as_millis()))
            .arg(format!("--proxy-server=http://{proxy}"));
        if !options.sandbox {
            command.arg("--no-sandbox");
        }
        command
            .arg(entry)
            // Nothing of ours is told to it: no keys, no proxies, no home.
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .env("HOME", profile.path())
            .env("TMPDIR", profile.path())
            .current_dir(profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true);
        let child = command.spawn().map_err(failed)?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok(Self { child, group, profile: Some(profile) })
    }

    /// What it prints, to its end.
    async fn output(&mut self) -> Result<String> {
        let failed = |error: std::io::Error| ConnectError::Unavailable(format!("Chromium: {error}"));
        let mut out = Vec::new();
        if let Some(stdout) = self.child.stdout.take() {
            stdout.take(DOCUMENT_LIMIT).read_to_end(&mut out).await.map_err(failed)?;
        }
        if u64::try_from(out.len()).is_ok_and(|length| length >= DOCUMENT_LIMIT) {
            return Err(ConnectError::Unavailable("the rendered document is too large".into()));
        }
        let status = self.child.wait().await.map_err(failed)?;
        if !status.success() {
            return Err(ConnectError::Unavailable(format!("Chromium ended with {status}")));
        }
        Ok(String::from_utf8_lossy(&out).into_owned())
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // Fails when all of them are gone, which is what is wanted.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let profile = self.profile.take();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // Killed processes let go of their files a moment later.
                tokio::time::sleep(Duration::from_millis(200)).await;
                drop(profile);
            });
        }
    }
}
