//! Random programs under random crashes and page sizes end as they do undisturbed.

use durable_testing::{Fault, TestExecution, TestRunner};
use durable_types::ExecutionStatus;
use proptest::prelude::*;

use crate::program::{Part, parts, run};

fn block_on<R>(future: impl Future<Output = R>) -> R {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

fn execute(program: &[Part], page_items: usize, faults: &[(usize, Fault)]) -> TestExecution {
    let runner = TestRunner::new(run).page_items(page_items);
    let runner = faults.iter().fold(runner, |runner, (checkpoint, fault)| runner.fault(*checkpoint, *fault));
    block_on(runner.run(&program)).unwrap()
}

fn faults() -> impl Strategy<Value = Vec<(usize, Fault)>> {
    let fault = prop_oneof![Just(Fault::LostRequest), Just(Fault::LostResponse)];
    prop::collection::vec((1_usize..40, fault), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_program_ends_the_same_whatever_goes_wrong_on_the_way(
        program in parts(),
        page_items in 1_usize..9,
        faults in faults(),
    ) {
        let undisturbed = execute(&program, 1_000, &[]);
        prop_assert_eq!(undisturbed.status(), &ExecutionStatus::Succeeded, "{:?}", undisturbed.error());

        let disturbed = execute(&program, page_items, &faults);

        prop_assert_eq!(disturbed.status(), &ExecutionStatus::Succeeded, "{:?}", disturbed.error());
        let told: Vec<String> = disturbed.result().unwrap();
        prop_assert_eq!(told, undisturbed.result::<Vec<String>>().unwrap());
    }

    #[test]
    fn ids_depend_on_the_program_alone(program in parts(), faults in faults()) {
        let ids = |execution: &TestExecution| {
            let mut ids: Vec<_> = execution
                .operations()
                .map(|operation| (operation.parent_id.clone(), operation.id.clone(), operation.name.clone()))
                .collect();
            ids.sort();
            ids
        };

        prop_assert_eq!(ids(&execute(&program, 3, &faults)), ids(&execute(&program, 1_000, &[])));
    }
}
