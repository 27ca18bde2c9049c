//! Kills at random moments: every execution ends with the right result, and nothing that was acknowledged is lost.
//!
//! `DURABLE_CRASH_EXECUTIONS`, `DURABLE_CRASH_KILLS` and `DURABLE_CRASH_SEED` make it longer or another. The seed draws
//! what executions do and when something is killed; what that interrupts depends on the machine too.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::acknowledged::{Acknowledged, Execution};
use crate::callbacks::Callbacks;
use crate::job::Job;
use crate::log::Log;
use crate::moment::Moment;
use crate::run::Run;
use crate::service::{Client, Complaints, Service, pause};
use crate::verdict::{check, check_log};

/// Much longer than it takes until something happens to any of the executions.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often something was killed.
#[derive(Default)]
struct Kills {
    services: usize,
    functions: usize,
}

#[tokio::test]
async fn executions_end_right_and_nothing_acknowledged_is_lost_whenever_the_service_is_killed() {
    let run = Run::new();
    let mut chance = fastrand::Rng::with_seed(run.seed);
    let jobs: Vec<Job> = (0..run.executions).map(|index| Job::draw(index, &mut chance)).collect();
    let (client, complaints, acknowledged) =
        (Client::default(), Complaints::default(), Acknowledged::default());
    let mut callbacks = Callbacks::new(run.callbacks(), client.clone());
    let begin = Instant::now();

    let scene = Scene { run: &run, client: &client, complaints: &complaints, acknowledged: &acknowledged };
    let (kills, ended, disturbed) = tokio::select! {
        done = async {
            let (kills, _service) = scene.disturb(&jobs, &mut chance).await;
            let disturbed = begin.elapsed();
            (kills, scene.until_ended().await, disturbed)
        } => done,
        never = callbacks.serve() => match never {},
    };

    let log = Log::read(run.folder());
    check_log(&log);
    assert_eq!(ended.len(), run.executions);
    assert!(!log.seen.is_empty(), "acknowledged steps are logged");
    let interrupted = ended.iter().filter(|execution| check(execution, &callbacks)).count();
    assert_eq!(*complaints.lock().unwrap(), Vec::<String>::new());
    println!(
        "{} executions, the service killed {} times, functions {} times: {} steps acknowledged, {} bodies repeated, \
         at-most-once bodies of {interrupted} executions interrupted, {} callbacks answered; disturbed for \
         {disturbed:.1?}, done after {:.1?}",
        ended.len(),
        kills.services,
        kills.functions,
        log.seen.len(),
        log.repetitions(),
        callbacks.count(),
        begin.elapsed()
    );
}

/// Where it happens.
struct Scene<'a> {
    run: &'a Run,
    client: &'a Client,
    complaints: &'a Complaints,
    acknowledged: &'a Acknowledged,
}

impl Scene<'_> {
    /// Starts executions while the service and functions are killed, and asks each service for what the ones before it
    /// told. Gives how often something was killed, and the last service.
    async fn disturb(&self, jobs: &[Job], chance: &mut fastrand::Rng) -> (Kills, Service) {
        let mut starting = JoinSet::new();
        let mut kills = Kills::default();
        let mut waiting = jobs.chunks(jobs.len().div_ceil(self.run.kills).max(1));
        while kills.services < self.run.kills {
            let service = self.restart().await;
            for job in waiting.next().unwrap_or_default() {
                let delay = Duration::from_millis(chance.u64(..200));
                starting.spawn(self.start(job.clone(), delay));
            }
            // Some are killed before they have taken everything over.
            if chance.u8(..4) > 0 {
                sleep(Duration::from_millis(chance.u64(20..300))).await;
                kills.functions += usize::from(service.kill_function(chance));
                self.ask_again().await;
            }
            Moment::draw(chance).come(self.run.folder(), self.client).await;
            service.kill().await;
            kills.services += 1;
        }
        let service = self.restart().await;
        starting.join_all().await;
        self.acknowledged.start_again(self.client).await;
        (kills, service)
    }

    /// Starts the service, which must tell at once what was told before.
    async fn restart(&self) -> Service {
        // What handlers saw by now was acknowledged by a service that is dead.
        let log = Log::read(self.run.folder());
        let service = Service::start(self.run.folder(), self.client, self.complaints).await;
        self.acknowledged.ask_again(self.client, &log).await;
        service
    }

    fn start(&self, job: Job, delay: Duration) -> impl Future<Output = ()> + use<> {
        let (acknowledged, client) = (self.acknowledged.clone(), self.client.clone());
        let input = job.input(self.run.folder());
        async move {
            sleep(delay).await;
            acknowledged.start(job, input, client).await;
        }
    }

    async fn ask_again(&self) -> Vec<Execution> {
        let log = Log::read(self.run.folder());
        self.acknowledged.ask_again(self.client, &log).await
    }

    /// Waits until all executions have ended, as long as anything happens to them.
    async fn until_ended(&self) -> Vec<Execution> {
        let (mut told, mut last) = (0, Instant::now());
        loop {
            let executions = self.ask_again().await;
            let open: Vec<_> = executions.iter().filter(|execution| !execution.has_ended()).collect();
            if open.is_empty() {
                return executions;
            }
            let now_told = executions.iter().map(|execution| execution.history.len()).sum();
            if now_told > told {
                (told, last) = (now_told, Instant::now());
            }
            assert!(
                last.elapsed() < PATIENCE,
                "nothing happens any more, but these have not ended: {open:#?}"
            );
            pause().await;
        }
    }
}
