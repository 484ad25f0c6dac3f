//! One server of a cluster.

use super::{CLUSTER, PASSWORD, USER};
use std::fmt::Write as _;
use std::fs;
use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to start on a busy machine.
const START: Duration = Duration::from_secs(60);

/// The ports of a server on the loopback interface: for HTTP, for other servers, and for replicas.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    http: u16,
    tcp: u16,
    replicas: u16,
}

impl Ports {
    /// Ports that nobody listens on.
    pub fn free() -> Result<Self> {
        let held = (0..3).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<Vec<_>>>()?;
        let ports = held.iter().map(|held| Ok(held.local_addr()?.port())).collect::<Result<Vec<_>>>()?;
        Ok(Self { http: ports[0], tcp: ports[1], replicas: ports[2] })
    }
}

#[derive(Debug)]
pub struct Shard {
    folder: PathBuf,
    http: u16,
    guardian: Option<Child>,
}

impl Shard {
    /// Makes the folder of server `number` and starts it; `ports` are those of all servers.
    pub fn start(number: usize, ports: &[Ports]) -> Result<Self> {
        let folder = new_folder()?;
        fs::write(folder.join("config.xml"), config(&folder.to_string_lossy(), number, ports))?;
        fs::write(folder.join("users.xml"), users())?;
        let mut shard = Self { folder, http: ports[number].http, guardian: None };
        shard.run()?;
        Ok(shard)
    }

    pub fn run(&mut self) -> Result<()> {
        match fs::remove_file(self.folder.join("keep")) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let out = fs::OpenOptions::new().create(true).append(true).open(self.folder.join("out"))?;
        let mut command = Command::new("sh");
        command.arg("-c").arg(include_str!("guardian.sh")).arg("guardian").arg(&self.folder);
        // A group of its own: an interrupt of the tests must not end the guardian before its work is done.
        command.stdin(Stdio::piped()).stdout(out.try_clone()?).stderr(out).process_group(0);
        self.guardian = Some(command.current_dir(&self.folder).spawn()?);
        Ok(())
    }

    pub fn stop(&mut self) {
        fs::write(self.folder.join("keep"), "").expect("the server's folder");
        self.end();
    }

    fn end(&mut self) {
        if let Some(mut guardian) = self.guardian.take() {
            drop(guardian.stdin.take());
            let _ = guardian.wait();
        }
    }

    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.http)
    }

    pub fn wait_until_ready(&self) -> Result<()> {
        let begun = Instant::now();
        while !self.answers() {
            if begun.elapsed() > START {
                let read = |name: &str| fs::read_to_string(self.folder.join(name)).unwrap_or_default();
                let told = format!("{}{}", read("out"), read("errors"));
                return Err(Error::other(format!("ClickHouse does not start: {told}")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    pub fn post(&self, sql: &str) -> Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.http))?;
        let path = format!("/?user={USER}&password={PASSWORD}");
        write!(stream, "POST {path} HTTP/1.0\r\nContent-Length: {}\r\n\r\n{sql}", sql.len())?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        if reply.split(' ').nth(1) == Some("200") { Ok(()) } else { Err(Error::other(reply)) }
    }

    fn answers(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.http)) else { return false };
        let mut reply = String::new();
        stream.write_all(b"GET /ping HTTP/1.0\r\n\r\n").is_ok()
            && stream.read_to_string(&mut reply).is_ok()
            && reply.contains("Ok.")
    }
}

impl Drop for Shard {
    fn drop(&mut self) {
        if self.guardian.is_none() {
            let _ = fs::remove_dir_all(&self.folder);
        }
        self.end();
    }
}

fn new_folder() -> Result<PathBuf> {
    for number in 0..1_000 {
        let folder = std::env::temp_dir().join(format!("sluice-clickhouse-{}-{number}", std::process::id()));
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => return made.map(|()| folder),
        }
    }
    Err(Error::other("no free name for the server's folder"))
}

/// The settings of server `number`. The root element has the name that old and new servers both take.
fn config(folder: &str, number: usize, ports: &[Ports]) -> String {
    let mut servers = String::new();
    for ports in ports {
        let _ = write!(
            servers,
            "<shard><internal_replication>true</internal_replication><replica><host>127.0.0.1</host>\
             <port>{}</port><user>{USER}</user><password>{PASSWORD}</password></replica></shard>",
            ports.tcp
        );
    }
    let Ports { http, tcp, replicas } = ports[number];
    format!(
        "<yandex><logger><level>warning</level><log>{folder}/log</log><errorlog>{folder}/errors</errorlog>\
         <size>10M</size><count>1</count></logger>\
         <http_port>{http}</http_port><tcp_port>{tcp}</tcp_port>\
         <interserver_http_port>{replicas}</interserver_http_port><listen_host>127.0.0.1</listen_host>\
         <path>{folder}/data/</path><tmp_path>{folder}/data/tmp/</tmp_path>\
         <user_files_path>{folder}/data/files/</user_files_path>\
         <format_schema_path>{folder}/data/formats/</format_schema_path>\
         <users_config>{folder}/users.xml</users_config><default_profile>default</default_profile>\
         <default_database>default</default_database><timezone>UTC</timezone>\
         <mark_cache_size>67108864</mark_cache_size><uncompressed_cache_size>0</uncompressed_cache_size>\
         <max_concurrent_queries>100</max_concurrent_queries>\
         <remote_servers><{CLUSTER}>{servers}</{CLUSTER}></remote_servers>\
         <macros><shard>{number}</shard><replica>1</replica></macros></yandex>"
    )
}

fn users() -> String {
    format!(
        "<yandex><profiles><default><max_memory_usage>2000000000</max_memory_usage><max_threads>2</max_threads>\
         </default></profiles><users><{USER}><password>{PASSWORD}</password><networks><ip>127.0.0.1</ip></networks>\
         <profile>default</profile><quota>default</quota></{USER}></users><quotas><default><interval>\
         <duration>3600</duration><queries>0</queries><errors>0</errors><result_rows>0</result_rows>\
         <read_rows>0</read_rows><execution_time>0</execution_time></interval></default></quotas></yandex>"
    )
}
