//! Sagas, against the service: suspended, crashed, panicking and racing.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use durable_core::operation::Operation;
use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_macros::DurableError;
use durable_testing::{Fault, TestExecution, TestRunner, crash};
use durable_types::{ExecutionStatus, OperationStatus};
use serde::{Deserialize, Serialize};

/// What other systems were asked to do, each time they were.
#[derive(Default)]
struct Agency(Mutex<Vec<String>>);

#[derive(Debug, Serialize, Deserialize)]
struct Booking {
    number: usize,
}

impl Agency {
    async fn book(&self, what: &str) -> Result<Booking> {
        let mut requests = self.0.lock().unwrap();
        requests.push(format!("book {what}"));
        Ok(Booking { number: requests.len() })
    }

    async fn cancel(&self, what: &str, booking: &Booking) -> Result<()> {
        self.0.lock().unwrap().push(format!("cancel {what} {}", booking.number));
        Ok(())
    }

    fn requests(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// The compensations that are recorded, in the order in which they began.
fn undone(execution: &TestExecution) -> Vec<(&str, &OperationStatus)> {
    let all =
        execution.operations().filter_map(|operation| Some((operation.name.as_deref()?, &operation.status)));
    all.filter(|(name, _)| name.starts_with("undo")).collect()
}

fn message(execution: &TestExecution) -> &str {
    assert_eq!(execution.status(), &ExecutionStatus::Failed);
    execution.error().and_then(|error| error.error_message.as_deref()).unwrap()
}

/// Books a hotel, waits, books a car and pays, which fails for everybody who has no money.
async fn travel(agency: &Agency, money: u32, ctx: DurableContext) -> Result<usize> {
    let trip = ctx.saga("trip", async |ctx, saga| {
        let hotel = saga
            .step("hotel", async |_| agency.book("hotel").await)
            .compensate(async |hotel, _| agency.cancel("hotel", &hotel).await)
            .await?;
        ctx.wait("think", Duration::from_hours(1)).await?;
        let car = saga
            .step("car", async |_| agency.book("car").await)
            .compensate(async |car, _| agency.cancel("car", &car).await)
            .await?;
        let pay = async |_| if money == 0 { Err(Error::msg("no money")) } else { Ok(()) };
        saga.step("pay", pay)
            .retry(RetryStrategy::none())
            .compensate(async |(), _| agency.cancel("payment", &Booking { number: 0 }).await)
            .await?;
        Ok(hotel.number + car.number)
    });
    trip.await
}

#[tokio::test]
async fn a_saga_that_succeeds_undoes_nothing() {
    let agency = Agency::default();

    let execution =
        TestRunner::new(async |money, ctx| travel(&agency, money, ctx).await).run(&1).await.unwrap();

    assert_eq!(execution.result::<usize>().unwrap(), 3);
    assert_eq!(agency.requests(), ["book hotel", "book car"]);
    assert_eq!(execution.operation("trip").unwrap().sub_type.as_deref(), Some("Saga"));
}

#[tokio::test]
async fn a_saga_that_fails_undoes_exactly_what_succeeded_newest_first() {
    let agency = Agency::default();

    let execution =
        TestRunner::new(async |money, ctx| travel(&agency, money, ctx).await).run(&0).await.unwrap();

    assert_eq!(agency.requests(), ["book hotel", "book car", "cancel car 2", "cancel hotel 1"]);
    let succeeded = &OperationStatus::Succeeded;
    assert_eq!(undone(&execution), [("undo-car", succeeded), ("undo-hotel", succeeded)]);
    assert_eq!(message(&execution), "saga `trip` failed: step `pay` failed: no money");
    let trip = execution.operation("trip").unwrap();
    assert_eq!(execution.operation("undo-hotel").unwrap().parent_id.as_deref(), Some(trip.id.as_str()));
}

#[tokio::test]
async fn a_crash_at_any_checkpoint_undoes_everything_once_and_nothing_else() {
    let agency = Agency::default();
    let handler = async |money, ctx| travel(&agency, money, ctx).await;
    let checkpoints = TestRunner::new(handler).run(&0).await.unwrap().checkpoints();
    assert!(checkpoints >= 7, "{checkpoints}");

    for checkpoint in 1..=checkpoints {
        for fault in [Fault::LostRequest, Fault::LostResponse] {
            let agency = Agency::default();
            let handler = async |money, ctx| travel(&agency, money, ctx).await;

            let execution = TestRunner::new(handler).fault(checkpoint, fault).run(&0).await.unwrap();

            let succeeded = &OperationStatus::Succeeded;
            let undone = undone(&execution);
            assert_eq!(
                undone,
                [("undo-car", succeeded), ("undo-hotel", succeeded)],
                "{fault:?} at {checkpoint}"
            );
            let requests = agency.requests();
            assert!((4..=5).contains(&requests.len()), "at most one attempt was lost, but {requests:?}");
        }
    }
}

/// Two steps and a failure; the compensations do what the test says.
async fn undoing<F>(undo: impl Fn(&'static str, u32) -> F + Send + Sync, ctx: DurableContext) -> Result<()>
where
    F: Future<Output = Result<()>> + Send,
{
    let undo = &undo;
    let all = ctx.saga("all", async |_, saga| {
        for name in ["first", "second", "third"] {
            saga.step(name, async |_| Ok(())).compensate(move |(), step| undo(name, step.attempt())).await?;
        }
        Err::<(), _>(Error::typed(Declined { code: 51 }))
    });
    let error = all
        .compensation_retry(RetryStrategy::fixed(Duration::from_mins(1)).max_attempts(3))
        .await
        .unwrap_err();
    ctx.wait("pause", Duration::from_secs(1)).await?;
    assert_eq!(error.downcast_ref::<Declined>().unwrap().code, 51);
    Err(error)
}

#[derive(Debug, Serialize, Deserialize, DurableError)]
#[durable(crate = durable_core)]
struct Declined {
    code: u32,
}

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "declined ({})", self.code)
    }
}

impl std::error::Error for Declined {}

#[tokio::test]
async fn a_compensation_that_fails_is_tried_again_while_the_execution_is_suspended() {
    let handler = async |_: (), ctx| {
        let undo = async |name, attempt| match (name, attempt) {
            ("second", 1 | 2) => Err(Error::msg("busy")),
            _ => Ok(()),
        };
        undoing(undo, ctx).await
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    let succeeded = &OperationStatus::Succeeded;
    let expected = [("undo-third", succeeded), ("undo-second", succeeded), ("undo-first", succeeded)];
    assert_eq!(undone(&execution), expected);
    assert_eq!(execution.elapsed(), Duration::from_secs(2 * 60 + 1));
    assert_eq!(message(&execution), "saga `all` failed: declined (51)");
}

#[tokio::test]
async fn a_compensation_that_fails_for_good_is_told_and_the_others_run() {
    let handler = async |_: (), ctx| {
        let undo = async |name, _| if name == "second" { Err(Error::msg("too late")) } else { Ok(()) };
        undoing(undo, ctx).await
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    let (succeeded, failed) = (&OperationStatus::Succeeded, &OperationStatus::Failed);
    let expected = [("undo-third", succeeded), ("undo-second", failed), ("undo-first", succeeded)];
    assert_eq!(undone(&execution), expected);
    let text = "saga `all` failed: declined (51); compensations that failed: `undo-second`: too late";
    assert_eq!(message(&execution), text);
}

#[tokio::test]
async fn the_error_tells_which_compensations_failed_live_and_on_replay() {
    let handler = async |pause: bool, ctx: DurableContext| {
        let all = ctx.saga("all", async |_, saga| {
            for name in ["first", "second"] {
                let undo = async |(), _| Err(Error::typed(Declined { code: 7 }));
                saga.step(name, async |_| Ok(())).compensate(undo).await?;
            }
            Err::<(), _>(Error::msg("changed my mind"))
        });
        let error = all.compensation_retry(RetryStrategy::none()).await.unwrap_err();
        if pause {
            ctx.wait("pause", Duration::from_secs(1)).await?;
        }
        assert!(!error.is_compensated());
        let describe = |error: &Error| {
            let code = error.downcast_ref::<Declined>().unwrap().code;
            format!("{} {code}", error.operation_name().unwrap())
        };
        let failed: Vec<String> = error.failed_compensations().iter().map(describe).collect();
        durable_core::Ok((error.error_type().to_owned(), error.message().to_owned(), failed))
    };

    for pause in [false, true] {
        let execution = TestRunner::new(handler).run(&pause).await.unwrap();

        let (error_type, message, failed): (String, String, Vec<String>) = execution.result().unwrap();
        assert_eq!((error_type.as_str(), message.as_str()), ("Error", "changed my mind"));
        assert_eq!(failed, ["undo-second 7", "undo-first 7"]);
    }
}

#[tokio::test]
async fn a_process_that_dies_in_a_compensation_carries_on_with_it() {
    let deaths = Mutex::new(0);
    let handler = async |_: (), ctx| {
        let undo = async |name, _| {
            let dies = name == "second" && {
                let mut deaths = deaths.lock().unwrap();
                *deaths += 1;
                *deaths == 1
            };
            if dies {
                crash().await;
            }
            Ok(())
        };
        undoing(undo, ctx).await
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    let succeeded = &OperationStatus::Succeeded;
    let expected = [("undo-third", succeeded), ("undo-second", succeeded), ("undo-first", succeeded)];
    assert_eq!(undone(&execution), expected);
    assert_eq!(*deaths.lock().unwrap(), 2);
    assert_eq!(message(&execution), "saga `all` failed: declined (51)");
}

#[tokio::test]
async fn a_saga_whose_body_panics_undoes_what_succeeded() {
    let agency = Agency::default();
    let handler = async |_: (), ctx: DurableContext| {
        let trip = ctx.saga("trip", async |ctx, saga| {
            saga.step("hotel", async |_| agency.book("hotel").await)
                .compensate(async |hotel, _| agency.cancel("hotel", &hotel).await)
                .await?;
            ctx.wait("think", Duration::from_secs(1)).await?;
            panic!("out of luck");
            #[expect(unreachable_code, reason = "it tells the type")]
            Ok(())
        });
        trip.await
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(agency.requests(), ["book hotel", "cancel hotel 1"]);
    assert_eq!(message(&execution), "saga `trip` failed: panicked: out of luck");
}

/// A hotel that takes so many seconds to be booked, beside a car that is refused after ten.
async fn beside(agency: &Agency, seconds: u64, waits_for_all: bool, ctx: DurableContext) -> Result<()> {
    let trip = ctx.saga("trip", async |_, saga| {
        let hotel = async |step: durable_core::StepContext| {
            if step.attempt() == 1 { Err(Error::msg("busy")) } else { agency.book("hotel").await }
        };
        let hotel = saga
            .step("hotel", hotel)
            .retry(RetryStrategy::fixed(Duration::from_secs(seconds)))
            .compensate(async |hotel, _| agency.cancel("hotel", &hotel).await);
        let car = saga
            .step("car", async |_| Err::<Booking, _>(Error::msg("no cars")))
            .retry(RetryStrategy::fixed(Duration::from_secs(10)).max_attempts(2))
            .compensate(async |car, _| agency.cancel("car", &car).await);
        if waits_for_all {
            let (hotel, car) = tokio::join!(hotel.into_future(), car.into_future());
            hotel?;
            car?;
        } else {
            tokio::try_join!(car.into_future(), hotel.into_future())?;
        }
        Ok(())
    });
    trip.await
}

#[tokio::test]
async fn when_a_step_in_a_join_fails_those_beside_it_that_succeeded_are_undone() {
    let undone: &[&str] = &["book hotel", "cancel hotel 1"];
    for (seconds, waits_for_all, expected) in
        [(5, true, undone), (20, true, undone), (5, false, undone), (20, false, &[])]
    {
        let agency = Agency::default();
        let handler = async |_: (), ctx| beside(&agency, seconds, waits_for_all, ctx).await;

        let execution = TestRunner::new(handler).run(&()).await.unwrap();

        assert_eq!(agency.requests(), expected, "{seconds} {waits_for_all}");
        assert!(message(&execution).contains("no cars"));
    }
}

#[tokio::test]
async fn a_step_that_succeeded_unseen_beside_one_that_failed_is_undone() {
    for checkpoint in 1..=6 {
        let agency = Agency::default();
        let handler = async |_: (), ctx: DurableContext| -> Result<()> {
            let trip = ctx.saga("trip", async |_, saga| {
                let car = saga
                    .step("car", async |_| Err::<(), _>(Error::msg("no cars")))
                    .retry(RetryStrategy::none())
                    .compensate(async |(), _| Ok(()));
                let hotel = saga.step("hotel", async |_| agency.book("hotel").await).compensate(
                    async |hotel, step| match step.attempt() {
                        1 => Err(Error::msg("busy")),
                        _ => agency.cancel("hotel", &hotel).await,
                    },
                );
                // The first to be polled fails, so that nobody ever looks at the other.
                tokio::try_join!(biased; car.into_future(), hotel.into_future())?;
                Ok(())
            });
            trip.await
        };

        let runner = TestRunner::new(handler).fault(checkpoint, Fault::LostResponse);
        let execution = runner.run(&()).await.unwrap();

        assert_eq!(execution.operation("hotel").unwrap().status, OperationStatus::Succeeded);
        assert_eq!(undone(&execution), [("undo-hotel", &OperationStatus::Succeeded)]);
        assert!(message(&execution).contains("no cars"));
    }
}

#[tokio::test]
async fn steps_of_one_name_are_each_undone_with_their_own_result() {
    let agency = Agency::default();
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let trip = ctx.saga("trip", async |ctx, saga| {
            for _ in 0..3 {
                saga.step("leg", async |_| agency.book("leg").await)
                    .compensate(async |leg, step| {
                        if step.attempt() == 1 && leg.number == 2 {
                            return Err(Error::msg("busy"));
                        }
                        agency.cancel("leg", &leg).await
                    })
                    .compensation_name("refund")
                    .await?;
                ctx.wait("pause", Duration::from_secs(1)).await?;
            }
            Err(Error::msg("no seat"))
        });
        trip.await
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    let requests = agency.requests();
    assert_eq!(requests[3..], ["cancel leg 3", "cancel leg 2", "cancel leg 1"]);
    let refunds = execution.operations().filter(|operation| operation.name.as_deref() == Some("refund"));
    assert_eq!(refunds.count(), 3);
}

/// Two chains of saga steps, whose moments decide which comes first.
async fn chains(agency: &Agency, moments: [u64; 4], ctx: DurableContext) -> Result<()> {
    let trip = ctx.saga("trip", async |ctx, saga| {
        let chain = async |name: &'static str, first, second| {
            for (leg, seconds) in [first, second].into_iter().enumerate() {
                ctx.wait(format!("{name}-{leg}"), Duration::from_secs(seconds)).await?;
                saga.step("leg", async |_| agency.book(name).await)
                    .compensate(move |leg: Booking, step| async move {
                        if step.attempt() == 1 {
                            Err(Error::msg("busy"))
                        } else {
                            agency.cancel(name, &leg).await
                        }
                    })
                    .await?;
            }
            durable_core::Ok(())
        };
        let [a, b, c, d] = moments;
        let (left, right) = tokio::join!(chain("left", a, b), chain("right", c, d));
        left?;
        right?;
        Err(Error::msg("no seat"))
    });
    trip.await
}

#[tokio::test]
async fn chains_of_steps_side_by_side_are_undone_whatever_finished_first_and_wherever_it_crashes() {
    for moments in [[1, 1, 1, 1], [1, 2, 2, 2], [2, 2, 1, 2], [1, 5, 2, 1], [3, 1, 1, 5]] {
        let agency = Agency::default();
        let handler = async |_: (), ctx| chains(&agency, moments, ctx).await;
        let checkpoints = TestRunner::new(handler).run(&()).await.unwrap().checkpoints();

        for checkpoint in 1..=checkpoints {
            let agency = Agency::default();
            let handler = async |_: (), ctx| chains(&agency, moments, ctx).await;

            let execution =
                TestRunner::new(handler).fault(checkpoint, Fault::LostResponse).run(&()).await.unwrap();

            assert!(
                message(&execution).contains("no seat"),
                "{moments:?} at {checkpoint}: {}",
                message(&execution)
            );
            let requests = agency.requests();
            for booked in execution.operations().filter(|operation| operation.name.as_deref() == Some("leg"))
            {
                let result = booked.step_details().and_then(|details| details.result.clone()).unwrap();
                let number = serde_json::from_str::<Booking>(&result).unwrap().number;
                let cancelled = requests.iter().filter(|line| line.ends_with(&format!(" {number}"))).count();
                assert_eq!(cancelled, 1, "{moments:?} at {checkpoint}: {requests:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_step_is_undone_by_hand() {
    let agency = Agency::default();
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let trip = ctx.saga("trip", async |ctx, saga| {
            let legs = ctx.map("legs", ["out", "back"], async |ctx, leg, _| {
                ctx.step("leg", async |_| Ok(agency.book(leg).await?.number)).await
            });
            for leg in legs.await?.into_result()? {
                saga.compensate_with("cancel-leg", leg, async |number, _| {
                    agency.cancel("leg", &Booking { number }).await
                });
            }
            saga.compensate("tell", async |_| Err(Error::msg("nobody listens"))).retry(RetryStrategy::none());
            ctx.wait("think", Duration::from_secs(1)).await?;
            Err::<(), _>(Error::msg("no passport"))
        });
        let error = trip.await.unwrap_err();
        Ok(error.to_string())
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    let text = "saga `trip` failed: no passport; compensations that failed: `tell`: nobody listens";
    assert_eq!(execution.result::<String>().unwrap(), text);
    assert_eq!(agency.requests(), ["book out", "book back", "cancel leg 2", "cancel leg 1"]);
}

#[tokio::test]
async fn steps_that_were_spawned_are_undone_too() {
    let agency = Arc::new(Agency::default());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let trip = ctx.saga("trip", async |ctx, saga| {
            let booking = Arc::clone(&agency);
            let hotel = saga
                .step("hotel", move |_| {
                    let agency = Arc::clone(&booking);
                    async move { agency.book("hotel").await }
                })
                .compensate(async |hotel, _| agency.cancel("hotel", &hotel).await)
                .spawn();
            ctx.wait("think", Duration::from_secs(1)).await?;
            hotel.await?;
            Err(Error::msg("no money"))
        });
        trip.await
    };

    TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(agency.requests(), ["book hotel", "cancel hotel 1"]);
}

#[tokio::test]
async fn sagas_in_a_map_undo_each_their_own() {
    let agency = Agency::default();
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let trips = ctx.map("trips", 0..3, async |ctx, trip: u32, _| {
            let trip = ctx.saga("trip", async |ctx, saga| {
                saga.step("hotel", async |_| agency.book("hotel").await)
                    .compensate(async |hotel, _| agency.cancel("hotel", &hotel).await)
                    .await?;
                ctx.wait("think", Duration::from_secs(60)).await?;
                if trip == 1 { Err(Error::msg("no money")) } else { Ok(()) }
            });
            trip.await
        });
        Ok(trips.tolerated_failure_count(1).flat().await?.success_count())
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.result::<usize>().unwrap(), 2);
    let requests = agency.requests();
    assert_eq!(requests[..3], ["book hotel", "book hotel", "book hotel"]);
    assert_eq!(requests[3..], ["cancel hotel 2"]);
}
