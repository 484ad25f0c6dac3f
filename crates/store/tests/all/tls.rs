//! Connections with TLS: who is trusted, who is refused, and why.

use crate::harness::{ACME, read, write};
use crate::samples::{at, icp, id};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use sluice_store::ops::icp::icp_list;
use sluice_store::ops::job::job_insert;
use sluice_store::{Options, Store, StoreError};
use sluice_testdb::Server;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;

/// A server that answers nobody on the network without TLS, and the files of those who connect.
struct Place {
    server: Server,
    port: u16,
    folder: TempDir,
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate")
}

impl Place {
    fn start() -> Self {
        let (ours, strangers) = (authority("ours"), authority("a stranger's"));
        let signed = |name: &str| {
            let key = KeyPair::generate().expect("a key");
            let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
            params.distinguished_name.push(rcgen::DnType::CommonName, "postgres");
            (params.signed_by(&key, &ours).expect("a certificate").pem(), key.serialize_pem())
        };
        let (certificate, key) = signed("localhost");
        let ours_pem = ours.pem();
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port");
        let server = Server::start_with(
            Some(port.port()),
            &[
                ("server.crt", certificate.as_str()),
                ("server.key", key.as_str()),
                ("root.crt", ours_pem.as_str()),
                (
                    "hba",
                    "local all all trust\nhostssl all postgres all trust\nhostssl all certified all trust clientcert=verify-ca\n",
                ),
            ],
            &[
                "ssl=on",
                "ssl_cert_file={folder}/server.crt",
                "ssl_key_file={folder}/server.key",
                "ssl_ca_file={folder}/root.crt",
                "hba_file={folder}/hba",
            ],
        )
        .expect("a server with TLS");
        let folder = tempfile::tempdir().expect("a folder");
        let (own, own_key) = signed("client.example");
        for (name, text) in [
            ("ours.pem", ours.pem()),
            ("strangers.pem", strangers.pem()),
            ("server.pem", certificate),
            ("own.pem", own),
            ("own.key", own_key),
            ("empty.pem", String::new()),
        ] {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        Self { server, port: port.port(), folder }
    }

    /// The server of all tests of this process; each takes some seconds to start.
    fn shared() -> &'static Self {
        static SHARED: OnceLock<Place> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The URL with these parameters, in which `{folder}` is that of the files.
    fn url(&self, user: &str, host: &str, parameters: &str) -> String {
        let folder = self.folder.path().to_string_lossy();
        let parameters = parameters.replace("{folder}", &folder);
        format!("postgres://{user}:secret@{host}:{}/postgres?{parameters}", self.port)
    }

    fn psql(&self, sql: &str) -> String {
        let mut command = Command::new("psql");
        command.args(["-XAtq", "-U", "postgres", "-h", self.server.folder(), "-p", &self.port.to_string()]);
        let output = command.args(["-c", sql]).output().expect("psql runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

async fn open(url: &str) -> Result<Store, StoreError> {
    Store::open(Options::Postgres { url: url.to_owned(), replica: None }).await
}

#[tokio::test]
async fn each_mode_trusts_whom_it_says() {
    let place = Place::shared();
    let unknown = "invalid peer certificate: UnknownIssuer";
    let wrong_name = "certificate not valid for name \"127.0.0.1\"";
    for (host, parameters, refusal) in [
        ("127.0.0.1", "", None),
        ("127.0.0.1", "sslmode=prefer", None),
        ("127.0.0.1", "sslmode=require", None),
        ("127.0.0.1", "sslmode=verify-ca&sslrootcert={folder}/ours.pem", None),
        ("localhost", "sslmode=verify-full&sslrootcert={folder}/ours.pem", None),
        ("localhost", "sslmode=verify-full&sslrootcert={folder}/server.pem", None),
        ("127.0.0.1", "sslmode=disable", Some("no encryption")),
        ("127.0.0.1", "sslmode=verify-full&sslrootcert={folder}/ours.pem", Some(wrong_name)),
        ("127.0.0.1", "sslmode=verify-full&sslrootcert={folder}/server.pem", Some(wrong_name)),
        ("localhost", "sslmode=verify-full&sslrootcert={folder}/strangers.pem", Some(unknown)),
        ("127.0.0.1", "sslmode=verify-ca&sslrootcert={folder}/strangers.pem", Some(unknown)),
        ("127.0.0.1", "sslmode=require&sslrootcert={folder}/strangers.pem", Some(unknown)),
        ("localhost", "sslmode=verify-full&sslrootcert=system", Some("sslrootcert=FILE|UnknownIssuer")),
    ] {
        let opened = open(&place.url("postgres", host, parameters)).await.map(drop);
        match (opened, refusal) {
            (Ok(()), None) => {}
            (Err(error), Some(reason)) => {
                let text = error.to_string();
                assert!(reason.split('|').any(|reason| text.contains(reason)), "{parameters}: {text}");
                assert!(!text.contains("secret"), "{text}");
            }
            (opened, _) => panic!("{host} {parameters}: {opened:?}"),
        }
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_before_anybody_is_asked() {
    let place = Place::shared();
    for (parameters, reason) in [
        (
            "sslmode=verify",
            "sslmode must be disable, prefer, require, verify-ca or verify-full, not 'verify'",
        ),
        ("sslmode=verify-ca&sslrootcert=/nowhere.pem", "sslrootcert: /nowhere.pem: "),
        ("sslmode=verify-ca&sslrootcert={folder}/empty.pem", "no certificate in PEM"),
        ("sslcert={folder}/own.pem", "sslcert and sslkey must both be given"),
        ("sslcert={folder}/own.pem&sslkey={folder}/ours.pem", "sslkey: "),
    ] {
        let Err(StoreError::Internal(text)) =
            open(&place.url("postgres", "localhost", parameters)).await.map(drop)
        else {
            panic!("{parameters}")
        };
        assert!(text.contains(reason) && !text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn a_server_may_ask_for_a_certificate() {
    let place = Place::shared();
    assert!(place.file("own.key").exists());
    place.psql("CREATE ROLE certified SUPERUSER LOGIN");
    let own = "sslmode=require&sslcert={folder}/own.pem&sslkey={folder}/own.key";
    open(&place.url("certified", "127.0.0.1", own)).await.expect("it is shown");
    let error = open(&place.url("certified", "127.0.0.1", "sslmode=require")).await.err().expect("a refusal");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[tokio::test]
async fn messages_and_reads_of_a_replica_are_encrypted_too() {
    let place = Place::shared();
    place.psql("CREATE DATABASE messages");
    let url = |name: &str| {
        let options = "sslmode=verify-full&sslrootcert={folder}/ours.pem&application_name=";
        place.url("postgres", "localhost", options).replace("/postgres?", "/messages?") + name
    };
    let options = Options::Postgres { url: url("primary"), replica: Some(url("replica")) };
    let store = Store::open(options).await.expect("it opens");
    let icp = icp(1);
    write!(store, ACME, [icp], |tx| sluice_store::ops::icp::icp_insert(tx, &icp, "user_ann", &[]))
        .expect("an ICP");
    assert_eq!(read!(store, ACME, |tx| icp_list(tx, None)).expect("ICPs").len(), 1);
    let heard = store.jobs_changed();
    tokio::pin!(heard);
    // Until it listens, and once more when something is queued.
    tokio::time::timeout(Duration::from_secs(30), &mut heard).await.expect("it listens");
    let heard = store.jobs_changed();
    let job = id(5);
    write!(store, ACME, [job], |tx| job_insert(tx, job, "run", "{}", at(0))).expect("a job");
    tokio::time::timeout(Duration::from_secs(30), heard).await.expect("it is heard");
    let sql = "SELECT application_name, bool_and(ssl) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)
               WHERE datname = 'messages' GROUP BY 1 ORDER BY 1";
    assert_eq!(place.psql(sql), "primary|t\nreplica|t\n");
}
