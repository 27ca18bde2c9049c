//! TLS with a certificate that is made for the run.

use std::io;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The certificate of this machine, which its authority has signed.
#[derive(Clone)]
pub struct Certificate {
    authority: String,
    config: Arc<ServerConfig>,
}

impl Certificate {
    /// Makes an authority and a certificate for 127.0.0.1.
    pub fn generate() -> Self {
        let [authority_key, key] =
            [(); 2].map(|()| KeyPair::generate().expect("the system has random numbers"));
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = parameters.self_signed(&authority_key).expect("the parameters are valid").pem();
        let issuer = Issuer::new(parameters, authority_key);
        let certificate = CertificateParams::new(["127.0.0.1".to_owned()])
            .and_then(|parameters| parameters.signed_by(&key, &issuer))
            .expect("the parameters are valid");
        let chain = vec![certificate.der().clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("it was just made");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
            .expect("the certificate and its key belong together");
        Self { authority, config: Arc::new(config) }
    }

    /// Writes what clients must trust, as PEM.
    pub fn write_authority(&self, file: &Path) {
        std::fs::write(file, &self.authority).expect("the folder is writable");
    }

    pub(super) fn accept(&self, stream: TcpStream) -> io::Result<StreamOwned<ServerConnection, TcpStream>> {
        let connection = ServerConnection::new(Arc::clone(&self.config)).map_err(io::Error::other)?;
        Ok(StreamOwned::new(connection, stream))
    }
}
