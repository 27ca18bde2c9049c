//! Watching executions.

use durable_types::history::{Event, EventDetails};

use crate::clock::run;
use crate::describe::{host, leave_memory};

#[test]
fn a_watch_shows_the_whole_history_however_many_events_in_the_record_it_does_not_show() {
    run(async {
        let host = host();
        let arn = host.start(durable_host::ExecutionStart::new("poll")).await.unwrap().arn;
        leave_memory(&host, &arn).await;

        let mut watch = host.watch(&arn).await.unwrap();
        let mut shown: Vec<Event> = Vec::new();
        while let Some(events) = watch.next().await.unwrap() {
            shown.extend(events);
        }

        assert!(host.export(&arn).await.unwrap().unwrap().len() > 2_000);
        let page = host.history_after(&arn, None, 1_000).await.unwrap().unwrap();
        assert_eq!(shown, page.events);
        assert!(matches!(shown.last().unwrap().details, EventDetails::ExecutionSucceeded(_)));
    });
}
