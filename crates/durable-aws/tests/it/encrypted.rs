//! The lean transport over TLS.

use std::sync::Arc;

use durable_aws::{Credentials, LambdaTransport, LambdaTransportBuilder};
use durable_core::transport::Transport;
use durable_types::api::CheckpointRequest;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::fake_service::{Answer, read_request};

/// A server whose certificate an authority of its own signed.
struct Server {
    port: u16,
    /// The PEM file with the certificate of the authority.
    bundle: NamedTempFile,
}

impl Server {
    fn bundle(&self) -> &str {
        self.bundle.path().to_str().unwrap()
    }
}

/// Creates the authority, and a server with a certificate for this machine.
fn certified() -> (NamedTempFile, ServerConfig) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let [authority_key, key] = [(); 2].map(|()| KeyPair::generate().unwrap());
    let bundle = NamedTempFile::new().unwrap();
    std::fs::write(&bundle, authority.self_signed(&authority_key).unwrap().pem()).unwrap();
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let issuer = Issuer::new(authority, authority_key);
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    (bundle, config)
}

/// Serves checkpoints over TLS, and answers with the number of the connection as the token.
async fn serve() -> Server {
    let (bundle, config) = certified();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        for connection in 0.. {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                while read_request(&mut stream, connection).await.is_some() {
                    let answer = Answer::ok(format!(r#"{{"CheckpointToken": "{connection}"}}"#));
                    stream.write_all(answer.text().as_bytes()).await.unwrap();
                    stream.flush().await.unwrap();
                }
            });
        }
    });
    Server { port, bundle }
}

fn builder(host: &str, port: u16) -> LambdaTransportBuilder {
    LambdaTransport::builder("eu-central-1", Credentials::new("key", "secret"))
        .endpoint_url(format!("https://{host}:{port}"))
        .max_attempts(1)
}

async fn checkpoint(builder: &LambdaTransport) -> Result<String, String> {
    let request = CheckpointRequest::new("arn", "token", Vec::new());
    match builder.checkpoint(request).await {
        Ok(response) => Ok(response.checkpoint_token.unwrap()),
        Err(error) => {
            assert!(!error.fails_execution());
            let causes = std::iter::successors(std::error::Error::source(&error), |error| error.source());
            Err(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
        }
    }
}

#[tokio::test]
async fn a_server_with_a_certificate_of_the_bundle_is_trusted() {
    for host in ["localhost", "127.0.0.1"] {
        let server = serve().await;
        let transport = builder(host, server.port).ca_bundle(server.bundle()).build().unwrap();

        let tokens = [checkpoint(&transport).await, checkpoint(&transport).await];

        assert_eq!(tokens, [Ok("0".to_owned()), Ok("0".to_owned())], "both share a connection to {host}");
    }
}

#[tokio::test]
async fn a_server_whose_certificate_no_public_authority_signed_is_not_trusted() {
    let transport = builder("localhost", serve().await.port).build().unwrap();

    let error = checkpoint(&transport).await.unwrap_err();

    assert!(error.contains("UnknownIssuer"), "{error}");
}

#[tokio::test]
async fn a_bundle_that_cannot_be_read_is_named() {
    for (path, reason) in [("/does/not/exist.pem", "No such file"), ("/dev/null", "contains no certificate")]
    {
        let transport = builder("localhost", serve().await.port).ca_bundle(path).build().unwrap();

        let error = checkpoint(&transport).await.unwrap_err();

        assert!(error.contains(path) && error.contains(reason) && error.contains("AWS_CA_BUNDLE"), "{error}");
    }
}
