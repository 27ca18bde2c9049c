//! What is not an operation of the API.

use super::client::Call;
use super::guest::Host;

#[tokio::test]
async fn an_unknown_path_is_a_typed_error() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let answer = host.call(Call::get("/2025-12-01/nothing")).await;

    let message = "there is no operation at `/2025-12-01/nothing`".to_owned();
    assert_eq!(answer.error(), (404, "UnknownOperationException".to_owned(), "User".to_owned(), message));
    assert!(answer.header("x-amzn-requestid").is_some());
}

#[tokio::test]
async fn another_method_is_a_typed_error() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let answer = host.call(Call::get("/2015-03-31/functions/order/invocations")).await;

    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    assert_eq!(answer.header("x-amzn-errortype"), Some("MethodNotAllowedException"));
}
