//! Why a service does not start.

use std::error::Error;

use durable_local::{FunctionDefinition, LocalService, Settings};

use super::guest::Host;

async fn refusal(settings: Settings) -> String {
    match LocalService::start(settings).await {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    }
}

fn echo(name: &str) -> FunctionDefinition {
    FunctionDefinition::in_process(name, async |payload| Ok(payload))
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let host = Host::start(first.path()).await;
    let mut settings = Settings::new(second.path());
    settings.address = host.service().address();

    let refusal = refusal(settings).await;

    let port = host.service().address().unwrap().port();
    assert_eq!(
        refusal,
        format!(
            "port {port} of 127.0.0.1 is in use by another program; stop that one or choose another port"
        )
    );
}

#[tokio::test]
async fn a_folder_in_use_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let _host = Host::start(folder.path()).await;

    let refusal = refusal(Settings::new(folder.path())).await;

    assert!(refusal.contains("is in use by another service"), "{refusal}");
}

#[tokio::test]
async fn a_folder_is_free_again_once_the_service_is_shut_down() {
    let folder = tempfile::tempdir().unwrap();

    for _ in 0..5 {
        let host = Host::start(folder.path()).await;
        host.shutdown().await;
    }
}

#[tokio::test]
async fn functions_need_names_that_fit_an_arn_and_differ() {
    let folder = tempfile::tempdir().unwrap();

    let odd = refusal(Settings::new(folder.path()).with_function(echo("my order"))).await;
    let twice = refusal(Settings::new(folder.path()).with_function(echo("a")).with_function(echo("a"))).await;

    assert!(odd.contains("function:my order:$LATEST"), "{odd}");
    assert_eq!(twice, "there are two functions named `a`");
}

#[tokio::test]
async fn errors_of_the_start_tell_their_cause() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let mut settings = Settings::new(folder.path());
    settings.address = Some("192.0.2.1:1".parse().unwrap());
    settings.secret = Some("a-long-shared-secret".to_owned());

    let Err(error) = LocalService::start(settings).await else { panic!("it started") };

    assert_eq!(error.to_string(), "cannot listen on 192.0.2.1:1");
    assert!(error.source().is_some());
    assert!(refusal(Settings::new(&file)).await.contains("is not a folder"));
}
