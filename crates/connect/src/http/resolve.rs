//! Names become addresses, and only those that may be called are handed on.

use super::policy::Policy;
use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Looks names up.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// The addresses of a host name.
    ///
    /// # Errors
    /// When there are none, or nobody can tell.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// As the operating system does it.
#[derive(Clone, Copy, Debug)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Every address of a name is one that may not be called.
#[derive(Debug, thiserror::Error)]
#[error("{0} leads to an address within")]
pub(super) struct Within(pub String);

/// A name has no address, or nobody can tell.
#[derive(Debug, thiserror::Error)]
#[error("{0} cannot be looked up")]
pub(super) struct Unresolved(pub String);

/// Looks up names for connections to one port. The connection goes to one of the addresses that were checked here:
/// there is no second look-up that could answer otherwise.
pub(super) struct Guarded {
    pub resolver: Arc<dyn Resolver>,
    pub policy: Policy,
    /// The port, when its rules differ from those of others.
    pub port: u16,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (resolver, policy, port) = (self.resolver.clone(), self.policy.clone(), self.port);
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let found = resolver.resolve(&name).await.map_err(|_| Unresolved(name.clone()))?;
            if found.is_empty() {
                return Err(Unresolved(name).into());
            }
            let admitted: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| policy.admits(*address, port))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if admitted.is_empty() {
                return Err(Within(name).into());
            }
            let addresses: Addrs = Box::new(admitted.into_iter());
            Ok(addresses)
        })
    }
}
