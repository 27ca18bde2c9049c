//! What tools ask besides the Lambda API, on the same port.

use super::client::Call;
use super::guest::Host;

#[tokio::test]
async fn a_request_of_another_aws_service_is_told_that_it_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let target =
        host.call(Call::post("/").header("x-amz-target", "DynamoDB_20120810.GetItem").body("{}")).await;
    let action = host.call(Call::post("/").body("Action=CreateStack&StackName=<a>")).await;
    let nothing = host.call(Call::post("/")).await;
    let health = host.call(Call::get("/health")).await;

    assert_eq!((target.status, target.header("x-amzn-errortype")), (404, Some("UnknownOperationException")));
    assert_eq!(action.status, 400);
    assert!(String::from_utf8_lossy(&action.body).contains("<Code>InvalidAction</Code>"));
    assert_eq!(nothing.status, 404);
    assert_eq!((health.status, health.header("content-type")), (200, Some("application/json")));
    assert_eq!(health.json()["status"], "healthy");
}
