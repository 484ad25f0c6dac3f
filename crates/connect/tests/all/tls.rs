//! Whom connections with TLS trust.

use crate::support::{client, names, quick};
use sluice_connect::http::Call;
use sluice_connect::{Client, ClientOptions, ConnectError, SecretString};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use url::Url;

/// A server that shows a certificate for this name, signed by itself, and answers with these bytes; and the
/// certificate.
async fn server(name: &str, reply: String) -> (SocketAddr, Vec<u8>) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(reply.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (address, certificate.to_vec())
}

const HELLO: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";

fn trusting(address: SocketAddr, authorities: Vec<Vec<u8>>) -> Client {
    let options = ClientOptions { allowed: vec![address], authorities, retries: 0, ..quick() };
    client(options, names(&[("secure.example", "127.0.0.1"), ("other.example", "127.0.0.1")]))
}

async fn get(client: &Client, address: SocketAddr, host: &str) -> Result<Vec<u8>, ConnectError> {
    let url = Url::parse(&format!("https://{host}:{}/", address.port())).unwrap();
    client.send(Call::new("GET", url)).await.map(|reply| reply.body)
}

#[tokio::test]
async fn only_a_certificate_of_an_authority_for_this_name_is_trusted() {
    let (address, certificate) = server("secure.example", HELLO.to_owned()).await;
    let knows = trusting(address, vec![certificate]);
    assert_eq!(get(&knows, address, "secure.example").await, Ok(b"hello".to_vec()));
    let other = get(&knows, address, "other.example").await;
    assert!(
        matches!(&other, Err(ConnectError::Unavailable(text)) if text.contains("certificate")),
        "{other:?}"
    );
    let knows_nobody = trusting(address, Vec::new());
    let unknown = get(&knows_nobody, address, "secure.example").await;
    assert!(
        matches!(&unknown, Err(ConnectError::Unavailable(text)) if text.contains("certificate")),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn no_credential_follows_from_https_to_http() {
    let reply = "HTTP/1.1 302 Found\r\nLocation: http://secure.example/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let (address, certificate) = server("secure.example", reply.to_owned()).await;
    let client = trusting(address, vec![certificate]);
    let url = Url::parse(&format!("https://secure.example:{}/", address.port())).unwrap();
    let secret =
        Call::new("GET", url.clone()).bearer(&SecretString::from("secret")).trusting("secure.example");
    let error = client.send(secret).await.unwrap_err();
    assert_eq!(error, ConnectError::Forbidden("a redirect from https to http".to_owned()));
    // A page has none, and is followed as far as its address allows.
    let error = client.send(Call::page(url)).await.unwrap_err();
    assert_eq!(error, ConnectError::Forbidden("secure.example leads to an address within".to_owned()));
}

#[test]
fn what_is_no_certificate_is_no_authority() {
    let options = ClientOptions { authorities: vec![b"no certificate".to_vec()], ..quick() };
    let error = Client::new(options).err().unwrap();
    assert!(
        matches!(&error, ConnectError::BadRequest(text) if text.starts_with("an authority: ")),
        "{error:?}"
    );
}
