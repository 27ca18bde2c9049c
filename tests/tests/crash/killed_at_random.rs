//! Kills at random moments: every execution ends with the right result, and nothing that was acknowledged is lost.
//!
//! `DURABLE_CRASH_EXECUTIONS`, `DURABLE_CRASH_KILLS` and `DURABLE_CRASH_SEED` make it longer or another.

use std::env;
use std::path::Path;
use std::time::{Duration, Instant};

use hyper::Method;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::callbacks::Callbacks;
use crate::job::Job;
use crate::log::Log;
use crate::service::{Client, Service, execution, pause};
use crate::verdict::{check, check_log};

/// Much longer than executions take once nothing is killed any more.
const PATIENCE: Duration = Duration::from_secs(180);

/// A number from the environment.
fn setting(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

#[tokio::test]
async fn executions_end_right_and_nothing_acknowledged_is_lost_whenever_the_service_is_killed() {
    let executions = usize::try_from(setting("DURABLE_CRASH_EXECUTIONS", 20)).unwrap();
    let kills = usize::try_from(setting("DURABLE_CRASH_KILLS", 5)).unwrap();
    let mut chance = fastrand::Rng::with_seed(setting("DURABLE_CRASH_SEED", 1));
    let folder = TempDir::new().unwrap();
    let callback_folder = folder.path().join("callbacks");
    std::fs::create_dir(&callback_folder).unwrap();
    let jobs: Vec<Job> = (0..executions).map(|index| Job::draw(index, &mut chance)).collect();
    let client = Client::default();
    let mut callbacks = Callbacks::new(callback_folder, client.clone());
    let begin = Instant::now();

    let (started, (killed, killed_functions), _service) = tokio::select! {
        done = disturb(&jobs, kills, folder.path(), &client, &mut chance) => done,
        never = callbacks.serve() => match never {},
    };
    let disturbed = begin.elapsed();
    let ended = async { until_ended(&started, &client).await };
    tokio::select! {
        done = timeout(PATIENCE, ended) => done.expect("every execution ends"),
        never = callbacks.serve() => match never {},
    }

    let log = Log::read(folder.path());
    check_log(&log);
    assert_eq!(started.len(), executions);
    assert!(!log.seen.is_empty(), "acknowledged steps are logged");
    let mut interrupted = 0;
    for (job, arn) in &started {
        interrupted += usize::from(check(job, arn, &client, &log, &callbacks).await);
    }
    println!(
        "{} executions, the service killed {killed} times, functions {killed_functions} times: {} steps \
         acknowledged, {} bodies repeated, {interrupted} at-most-once bodies interrupted, {} callbacks answered; \
         disturbed for {disturbed:.1?}, done after {:.1?}",
        started.len(),
        log.seen.len(),
        log.repetitions(),
        callbacks.count(),
        begin.elapsed()
    );
}

/// Starts executions while the service and functions are killed. Gives what was started, how often the service
/// and functions were killed, and the last service.
async fn disturb(
    jobs: &[Job],
    kills: usize,
    folder: &Path,
    client: &Client,
    chance: &mut fastrand::Rng,
) -> (Vec<(Job, String)>, (usize, usize), Service) {
    let mut starting = JoinSet::new();
    let (mut killed, mut killed_functions) = (0, 0);
    for jobs in jobs.chunks(jobs.len().div_ceil(kills)) {
        let service = Service::start(&folder.join("data"), client).await;
        for job in jobs {
            let delay = Duration::from_millis(chance.u64(..200));
            starting.spawn(start(job.clone(), job.input(folder), delay, client.clone()));
        }
        sleep(Duration::from_millis(chance.u64(50..500))).await;
        killed_functions += usize::from(chance.bool() && service.kill_function(chance));
        sleep(Duration::from_millis(chance.u64(..400))).await;
        // Dropping the service kills it.
        killed += 1;
    }
    let service = Service::start(&folder.join("data"), client).await;
    (starting.join_all().await, (killed, killed_functions), service)
}

/// Starts an execution; again under the same name, if nobody has acknowledged it.
async fn start(job: Job, input: String, delay: Duration, client: Client) -> (Job, String) {
    sleep(delay).await;
    let path = "/2015-03-31/functions/mixed/invocations?Qualifier=%24LATEST";
    let headers = [("x-amz-invocation-type", "Event"), ("x-amz-durable-execution-name", &job.id)];
    loop {
        if let Some(answer) = client.send(Method::POST, path, &headers, input.clone()).await {
            assert_eq!(answer.status(), 202, "{answer:?}");
            let arn = answer.headers()["x-amz-durable-execution-arn"].to_str().unwrap().to_owned();
            return (job, arn);
        }
        pause().await;
    }
}

async fn until_ended(started: &[(Job, String)], client: &Client) {
    for (_, arn) in started {
        while client.read(&execution(arn)).await["Status"] == "RUNNING" {
            pause().await;
        }
    }
}
