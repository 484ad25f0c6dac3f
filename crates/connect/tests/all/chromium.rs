//! Pages rendered by a real Chromium, and what they cannot reach.

use crate::setup::Desk;
use sluice_connect::ConnectError;
use sluice_connect::agent::{Agent, Chromium, ChromiumOptions, Rendered};
use sluice_connect::http::{Client, ClientOptions};
use sluice_connect::model::{ModelDialect, Says};
use sluice_connect::web::{self, Scraper, read_html};
use sluice_fakes::Server;
use sluice_fakes::site::SiteFake;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Where Chromium is. Without one these tests fail; `cargo xtask test` installs it.
fn binary() -> PathBuf {
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .iter()
        .map(PathBuf::from)
        .find(|path| path.exists())
        .expect("these tests need Chromium in /usr/bin")
}

fn options() -> ChromiumOptions {
    // Tests may run as root, where the sandbox cannot start.
    ChromiumOptions { sandbox: false, time_limit: Duration::from_secs(60), ..ChromiumOptions::new(binary()) }
}

struct World {
    site: Server,
    /// A server within, which the page must not reach; nothing holds it from running.
    _inside: Server,
    within: SiteFake,
    rendered: Rendered,
    plain: Arc<dyn Scraper>,
}

/// A site that may be called, with a page made for the address of a server that may not.
async fn world(page: impl Fn(&str) -> String, options: ChromiumOptions) -> World {
    let secret = "secret of the house";
    let within = SiteFake::new(&[("/moved", "text/html", secret), ("/frame", "text/html", secret)]);
    let inside = Server::start(within.router()).await.unwrap();
    let html = page(&inside.address().to_string());
    let app = "document.getElementById('app').textContent = 'We are hiring engineers.';\
               fetch('/api/jobs?open=1').then(r => r.text()).then(t => { document.getElementById('api').textContent = t });";
    let files = [
        ("/", "text/html; charset=utf-8", html.as_str()),
        ("/app.js", "text/javascript", app),
        ("/api/jobs", "text/plain", "Welder wanted"),
        ("/data.txt", "text/plain", "not HTML"),
    ];
    let site = Server::start(SiteFake::new(&files).router()).await.unwrap();
    let client = Client::new(ClientOptions {
        allowed: vec![site.address()],
        allowed_for_pages: true,
        ..ClientOptions::default()
    })
    .unwrap();
    let plain: Arc<dyn Scraper> = Arc::new(web::Builtin::new(client.clone()));
    let rendered = Rendered::new(Arc::clone(&plain), client, options, read_html);
    World { site, _inside: inside, within, rendered, plain }
}

const SCRIPTED: &str = "<!doctype html><html><body><h1>Acme</h1><div id=app></div><p id=api></p>\
                        <a href=\"/jobs\">Jobs</a><script src=\"/app.js\"></script></body></html>";

#[tokio::test]
async fn scripts_of_the_page_run_and_reach_their_own_host() {
    let world = world(|_| SCRIPTED.to_owned(), options()).await;
    let plain = world.plain.page(&world.site.url()).await.unwrap();
    assert!(!plain.text.contains("hiring"));
    let page = world.rendered.page(&world.site.url()).await.unwrap();
    assert_eq!((page.url, page.status), (world.site.url(), 200));
    assert!(
        page.text.contains("We are hiring engineers.") && page.text.contains("Welder wanted"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn the_agent_judges_what_scripts_made() {
    let world = world(|_| SCRIPTED.to_owned(), options()).await;
    let desk = Desk::new(ModelDialect::OpenAi).await;
    let agent = Chromium::new(world.rendered.clone(), desk.model.clone());
    assert_eq!((agent.name(), agent.version().as_str()), ("chromium", "1/chromium/2/test-model"));
    let visited = agent.visit(&world.site.url(), "Is the company hiring?").await.unwrap();
    assert_eq!((visited.answer.says, visited.answer.quote.as_str()), (Says::Yes, "We are hiring engineers."));
}

#[tokio::test]
async fn a_page_reaches_nothing_but_its_own_host() {
    let udp = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let stun = udp.local_addr().unwrap().to_string();
    let page = |inside: &str| {
        let attack = r#"<!doctype html><html><body><p id=log>start</p><img src="http://INSIDE/img">
<link rel=stylesheet href="http://INSIDE/css"><link rel=preconnect href="http://INSIDE/"><iframe src="http://INSIDE/frame"></iframe>
<iframe src="file:///etc/passwd"></iframe><object data="file:///etc/hostname"></object><script src="http://INSIDE/js"></script>
<script>
const log = text => { document.getElementById('log').textContent += ' ' + text };
for (const url of ['http://INSIDE/fetch', 'https://INSIDE/tls', 'http://localhost:PORT/local', 'file:///etc/passwd', 'http://169.254.169.254/'])
  fetch(url, {mode: 'no-cors'}).then(() => log('REACHED ' + url)).catch(() => log('refused'));
try { const x = new XMLHttpRequest(); x.open('GET', 'http://INSIDE/xhr', false); x.send(); log('REACHED xhr') } catch (e) { log('refused') }
try { new WebSocket('ws://INSIDE/ws').onopen = () => log('REACHED ws') } catch (e) { log('refused') }
try { navigator.sendBeacon('http://INSIDE/beacon', 'x') } catch (e) {}
try { const p = new RTCPeerConnection({iceServers: [{urls: 'stun:STUN'}]}); p.createDataChannel('x');
  p.createOffer().then(o => p.setLocalDescription(o)).catch(() => {}) } catch (e) { log('refused') }
try { window.open('http://INSIDE/open') } catch (e) {}
try { window.open('file:///etc/passwd') } catch (e) {}
setTimeout(() => { try { location.href = 'file:///etc/passwd' } catch (e) {} log('after') }, 300);
</script></body></html>"#;
        let port = inside.rsplit_once(':').unwrap().1;
        attack.replace("INSIDE", inside).replace("PORT", port).replace("STUN", &stun)
    };
    let world = world(page, options()).await;
    let page = world.rendered.page(&world.site.url()).await.unwrap();
    assert!(page.text.contains("start") && page.text.contains("after"), "the scripts ran: {}", page.text);
    assert!(
        !page.text.contains("REACHED") && !page.text.contains("root:") && !page.text.contains("secret"),
        "{}",
        page.text
    );
    assert_eq!(world.within.asked(), Vec::<String>::new());
    let mut datagram = [0_u8; 64];
    assert!(udp.try_recv(&mut datagram).is_err(), "no datagram came past the proxy");
}

#[tokio::test]
async fn a_page_that_leaves_for_an_address_within_gives_none_of_it() {
    let page = |inside: &str| {
        format!(
            "<html><body><p>start</p><script>location.replace('http://{inside}/moved')</script></body></html>"
        )
    };
    let world = world(page, options()).await;
    let text = world.rendered.page(&world.site.url()).await.map(|page| page.text).unwrap_or_default();
    assert!(!text.contains("secret"), "{text}");
    assert_eq!(world.within.asked(), Vec::<String>::new());
}

/// Processes that were started with this argument.
fn running(argument: &str) -> usize {
    let commands = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let command = std::fs::read(entry.ok()?.path().join("cmdline")).ok()?;
        String::from_utf8_lossy(&command).contains(argument).then_some(())
    });
    commands.count()
}

#[tokio::test]
async fn a_page_without_end_is_ended_and_leaves_no_process() {
    let page = |_: &str| "<html><body><script>while (true) {}</script></body></html>".to_owned();
    let limit = Duration::from_secs(4);
    // A script time that no other test uses tells its processes.
    let script_time = Duration::from_millis(7331);
    let world = world(page, ChromiumOptions { time_limit: limit, script_time, ..options() }).await;
    let error = world.rendered.page(&world.site.url()).await.unwrap_err();
    assert_eq!(error, ConnectError::Unavailable("Chromium took too long".into()));
    for _ in 0..200 {
        if running("--virtual-time-budget=7331") == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} processes are left", running("--virtual-time-budget=7331"));
}

#[tokio::test]
async fn what_is_no_page_is_not_rendered() {
    let broken = ChromiumOptions::new("/nonexistent/chromium");
    let world = world(|_| SCRIPTED.to_owned(), broken).await;
    let at = |path: &str| world.site.url().join(path).unwrap();
    assert_eq!(world.rendered.page(&at("/missing")).await.unwrap().status, 404);
    assert_eq!(world.rendered.page(&at("/data.txt")).await.unwrap().text, "not HTML");
    let error = world.rendered.page(&at("/")).await.unwrap_err().to_string();
    assert!(error.starts_with("unavailable: Chromium: "), "{error}");
}
