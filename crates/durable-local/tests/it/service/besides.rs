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

#[tokio::test]
async fn a_search_of_logs_that_makes_no_sense_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    for (body, status, error_type) in [
        (r#"{"logGroupName":"/aws/lambda/order","logStreamNamePrefix":"2026/"}"#, 200, None),
        (r#"{"logGroupName":"a","logGroupIdentifier":"a"}"#, 400, Some("InvalidParameterException")),
        (r#"{"logStreamNames":["a"],"logStreamNamePrefix":"a"}"#, 400, Some("InvalidParameterException")),
        (r#"{"limit":0}"#, 400, Some("InvalidParameterException")),
        (r#"{"limit":10001}"#, 400, Some("InvalidParameterException")),
        (r#"{"startFromHead":false}"#, 400, Some("InvalidParameterException")),
        (r#"{"nextToken":"a"}"#, 400, Some("InvalidParameterException")),
        (r#"{"filterPattern":"{ $.a"}"#, 400, Some("InvalidParameterException")),
        (r#"{"logGroupName":"/aws/lambda/nobody"}"#, 400, Some("ResourceNotFoundException")),
        (r#"{"limit":"1"}"#, 400, Some("SerializationException")),
    ] {
        let call = Call::post("/").header("x-amz-target", "Logs_20140328.FilterLogEvents").body(body);
        let answer = host.call(call).await;
        assert_eq!((answer.status, answer.header("x-amzn-errortype")), (status, error_type), "{body}");
        // Clients of this protocol read the type in the body alone.
        assert_eq!(answer.json()["__type"].as_str(), error_type, "{body}");
    }
}
