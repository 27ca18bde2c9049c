//! ARNs of executions.

use durable_types::{DurableExecutionArn, InvalidArn};
use proptest::prelude::*;

const ARN: &str = "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:my_fn-1:$LATEST/durable-execution/order-42/0b1c_9";

#[test]
fn the_parts_of_an_arn_are_told_apart() {
    let arn: DurableExecutionArn = ARN.parse().unwrap();

    assert_eq!(arn.partition(), "aws-us-gov");
    assert_eq!(arn.region(), "us-gov-west-1");
    assert_eq!(arn.account_id(), "123456789012");
    assert_eq!(arn.function_name(), "my_fn-1");
    assert_eq!(arn.version(), "$LATEST");
    assert_eq!(arn.execution_name(), "order-42");
    assert_eq!(arn.execution_id(), "0b1c_9");
    assert_eq!(
        arn.function_arn(),
        "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:my_fn-1:$LATEST"
    );
    assert_eq!(arn.to_string(), ARN);
}

#[test]
fn an_arn_is_a_text_on_the_wire() {
    let arn: DurableExecutionArn = serde_json::from_str(&format!("\"{ARN}\"")).unwrap();

    assert_eq!(serde_json::to_string(&arn).unwrap(), format!("\"{ARN}\""));
    assert!(serde_json::from_str::<DurableExecutionArn>("\"arn\"").is_err());
}

#[test]
fn what_is_not_the_arn_of_an_execution_is_refused() {
    let function = "arn:aws:lambda:eu-west-1:123456789012:function:order";
    for text in [
        String::new(),
        "order".to_owned(),
        function.to_owned(),
        format!("{function}:7"),
        format!("{function}/durable-execution/a/b"),
        format!("{function}:live/durable-execution/a/b"),
        format!("{function}:7/durable-execution/a"),
        format!("{function}:7/durable-execution/a/"),
        format!("{function}:7/durable-execution//b"),
        format!("{function}:7/durable-execution/a/b/c"),
        format!("{function}:7/durable-execution/a/b:c"),
        format!("{function}:7/durable-executions/a/b"),
        format!("{function}:7:8/durable-execution/a/b"),
        format!("{function}:$LATEST.DRAFT/durable-execution/a/b"),
        format!("{function}:7/durable-execution/a b/c"),
        "arn:aws:lambda:eu-west-1:12345678901:function:order:7/durable-execution/a/b".to_owned(),
        "arn:aws:states:eu-west-1:123456789012:function:order:7/durable-execution/a/b".to_owned(),
        "arn:aws:lambda:eu_west_1:123456789012:function:order:7/durable-execution/a/b".to_owned(),
        format!("{function}:7/durable-execution/{}/b", "a".repeat(1_024)),
    ] {
        assert_eq!(text.parse::<DurableExecutionArn>(), Err(InvalidArn), "{text}");
    }
}

#[test]
fn parts_that_hold_separators_do_not_make_another_arn() {
    let function = "arn:aws:lambda:eu-west-1:123456789012:function:order:7";

    assert!(DurableExecutionArn::new(function, "a", "b").is_ok());
    assert!(DurableExecutionArn::new(function, "a/b", "c").is_err());
    assert!(DurableExecutionArn::new(&format!("{function}/durable-execution/a"), "b", "c").is_err());
    assert!(DurableExecutionArn::new(function, "", "c").is_err());
}

proptest! {
    #[test]
    fn an_arn_made_of_parts_gives_them_back(
        partition in "[a-zA-Z0-9-]{1,8}",
        region in "[a-zA-Z0-9-]{1,12}",
        account in "[0-9]{12}",
        function in "[a-zA-Z0-9_-]{1,20}",
        version in r"\$LATEST(\.PUBLISHED)?|[0-9]{1,5}",
        name in "[a-zA-Z0-9_-]{1,64}",
        id in "[a-zA-Z0-9_-]{1,36}",
    ) {
        let function_arn = format!("arn:{partition}:lambda:{region}:{account}:function:{function}:{version}");

        let arn = DurableExecutionArn::new(&function_arn, &name, &id).unwrap();

        prop_assert_eq!(arn.partition(), partition);
        prop_assert_eq!(arn.region(), region);
        prop_assert_eq!(arn.account_id(), account);
        prop_assert_eq!(arn.function_name(), function);
        prop_assert_eq!(arn.version(), version);
        prop_assert_eq!(arn.execution_name(), name);
        prop_assert_eq!(arn.execution_id(), id);
        prop_assert_eq!(arn.function_arn(), function_arn);
    }
}
