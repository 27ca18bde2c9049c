//! The TLS configuration, which is only created for https.

use std::sync::{Arc, OnceLock};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::http_error::{HttpError, TlsError};

/// Opens TLS connections. The certificates are read at the first of them.
pub(super) struct Tls {
    ca_bundle: Option<String>,
    connector: OnceLock<TlsConnector>,
}

impl Tls {
    /// Trusts the certificate authorities in the PEM file, otherwise those that Mozilla trusts.
    pub(super) fn new(ca_bundle: Option<String>) -> Self {
        Self { ca_bundle, connector: OnceLock::new() }
    }

    pub(super) async fn connect(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, HttpError> {
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|_| HttpError::Tls(TlsError::ServerName(host.to_owned())))?;
        let connected = self.connector().map_err(HttpError::Tls)?.connect(name, stream).await;
        connected.map_err(|source| HttpError::Connect { host: host.to_owned(), source })
    }

    fn connector(&self) -> Result<&TlsConnector, TlsError> {
        if let Some(connector) = self.connector.get() {
            return Ok(connector);
        }
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Protocol)?
            .with_root_certificates(self.roots()?)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(self.connector.get_or_init(|| TlsConnector::from(Arc::new(config))))
    }

    fn roots(&self) -> Result<RootCertStore, TlsError> {
        let Some(path) = &self.ca_bundle else {
            return Ok(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect());
        };
        let failed = |source| TlsError::CaBundle { path: path.clone(), source };
        let pem = std::fs::read(path).map_err(|error| failed(error.into()))?;
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|error| failed(error.to_string().into()))?;
            roots.add(certificate).map_err(|error| failed(error.into()))?;
        }
        if roots.is_empty() {
            return Err(failed("it contains no certificate".into()));
        }
        Ok(roots)
    }
}
