//! Versions and aliases, as callers name them.

use durable_local::{FunctionDefinition, FunctionVersions, LocalService, Settings};
use tempfile::TempDir;

use super::client::{Answer, Call};

async fn service(folder: &TempDir) -> LocalService {
    let versions = FunctionVersions {
        published: ["1".to_owned()].into(),
        aliases: [("live".to_owned(), "2".to_owned())].into(),
    };
    let order = FunctionDefinition::in_process("order", async |_payload| {
        Ok(r#"{"Status": "SUCCEEDED", "Result": "1"}"#.into())
    });
    let settings = Settings::new(folder.path()).with_function(order.with_versions(versions));
    LocalService::start(settings).await.unwrap()
}

async fn invoke(service: &LocalService, name: &str, query: &str) -> Answer {
    let target = format!("/2015-03-31/functions/{name}/invocations{query}");
    Call::post(target).body("{}").send(service.address().unwrap()).await
}

#[tokio::test]
async fn every_form_of_a_name_leads_to_the_version_it_means() {
    let folder = TempDir::new().unwrap();
    let service = service(&folder).await;

    for (name, query, version) in [
        ("order:1", "", "1"),
        ("order:live", "", "2"),
        ("order", "?Qualifier=live", "2"),
        ("order:%24LATEST", "", "$LATEST"),
        ("000000000000:function:order:2", "", "2"),
        ("arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Aorder%3Alive", "", "2"),
    ] {
        let answer = invoke(&service, name, query).await;

        assert_eq!(answer.status, 200, "{name}");
        assert_eq!(answer.header("x-amz-executed-version"), Some(version), "{name}");
        let arn = answer.arn();
        let expected =
            format!("arn:aws:lambda:us-east-1:000000000000:function:order:{version}/durable-execution/");
        assert!(arn.starts_with(&expected), "{arn}");
    }
}

#[tokio::test]
async fn a_version_or_an_alias_that_the_function_does_not_list_is_not_found() {
    let folder = TempDir::new().unwrap();
    let service = service(&folder).await;

    for name in ["order:3", "order:test"] {
        let answer = invoke(&service, name, "").await;

        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (404, Some("ResourceNotFoundException")),
            "{name}"
        );
    }
}
