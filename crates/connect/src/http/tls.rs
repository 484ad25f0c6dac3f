//! Whom connections with TLS trust: the authorities of this machine, and those that were named.

use crate::error::{ConnectError, Result};
use std::sync::Arc;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Settings that need no provider to be installed in the process. A machine that names no authorities gets a client
/// all the same, which can call nobody by https.
pub(super) fn config(authorities: &[Vec<u8>]) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    // Machines trust some that are too odd to be read.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for authority in authorities {
        roots
            .add(CertificateDer::from_slice(authority))
            .map_err(|error| ConnectError::BadRequest(format!("an authority: {error}")))?;
    }
    if roots.is_empty() {
        tracing::warn!("this machine names no authorities to trust: no https");
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ConnectError::Unavailable(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
