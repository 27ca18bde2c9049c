//! Functions whose tenants are kept apart, as callers see them.

use durable_functions::{FunctionSettings, Launcher};
use durable_local::{FunctionDefinition, LocalService, Settings};
use tempfile::TempDir;

use super::client::Call;

#[tokio::test]
async fn a_call_without_a_tenant_of_a_function_that_keeps_tenants_apart_is_refused() {
    let folder = TempDir::new().unwrap();
    let function = |name: &str| {
        let mut function = FunctionSettings::new(name, "/bin/true");
        function.isolates_tenants = true;
        FunctionDefinition::process(function)
    };
    let mut settings =
        Settings::new(folder.path()).with_function(function("order")).with_function(function("tax").plain());
    settings.launcher = Some(Launcher { program: "/nowhere".into(), arguments: Vec::new() });
    let service = LocalService::start(settings).await.unwrap();

    let ways = ["RequestResponse", "Event", "DryRun"];
    for (name, how) in ways.iter().flat_map(|how| [("order", *how), ("tax", *how)]) {
        let target = format!("/2015-03-31/functions/{name}/invocations?Qualifier=%24LATEST");
        let call = Call::post(target).header("x-amz-invocation-type", how).body("{}");
        let answer = call.send(service.address().unwrap()).await;

        let (status, kind, _, message) = answer.error();
        assert_eq!((status, kind.as_str()), (400, "InvalidParameterValueException"), "{how} {name}");
        assert!(message.contains("Add a valid tenant ID in your request"), "{message}");
    }
}
