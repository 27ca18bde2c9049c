//! A service killed in the middle of its work loses nothing that it acknowledged.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use durable_store_sqlite::{Append, Store};

use super::{continuation, creation, event};

const FOLDER: &str = "DURABLE_TEST_FOLDER";
const LANES: u64 = 8;

/// What the test binary does when [`acknowledged_before_a_kill`] starts it with a folder: it appends to several
/// executions concurrently and prints what was acknowledged, until it is killed. Each append replaces the first event by
/// one that names the last.
#[test]
fn a_writer_process_appends_until_it_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    // The test harness begins a line with the name of the test.
    println!();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let store = Store::open(Path::new(&folder)).unwrap();
        let lanes: Vec<_> = (0..LANES).map(|lane| tokio::spawn(fill_lane(store.clone(), lane))).collect();
        for lane in lanes {
            lane.await.unwrap();
        }
    });
}

async fn fill_lane(store: Store, lane: u64) {
    let name = format!("lane{lane}");
    store.append(creation(&name)).await.unwrap();
    println!("acknowledged {lane} 1");
    let mut sequence = 2;
    loop {
        // Batches of one to three events, so that a torn one would show.
        let count = 1 + (sequence + lane) % 3;
        let events = (sequence..sequence + count).map(|number| event(&name, number)).collect();
        let replaced = [(1, event(&name, sequence + count - 1))].into();
        store.append(Append { events, replaced, ..continuation(&name, sequence) }).await.unwrap();
        sequence += count;
        println!("acknowledged {lane} {}", sequence - 1);
    }
}

/// The last event acknowledged on each lane by a service that was killed after `kill_after` acknowledgements.
fn acknowledged_before_a_kill(folder: &Path, kill_after: usize) -> BTreeMap<u64, u64> {
    let mut service = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::a_writer_process_appends_until_it_is_killed", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = BTreeMap::new();
    let mut count = 0;
    for line in BufReader::new(service.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some(numbers) = line.strip_prefix("acknowledged ") else { continue };
        // What the killed process had written of its last line does not count.
        let Some((lane, sequence)) = numbers.split_once(' ') else { continue };
        let (Ok(lane), Ok(sequence)) = (lane.parse(), sequence.parse()) else { continue };
        acknowledged.insert(lane, sequence);
        count += 1;
        if count == kill_after {
            service.kill().unwrap();
        }
    }
    service.wait().unwrap();
    assert!(count >= kill_after, "the writer stopped by itself after {count} acknowledgements");
    acknowledged
}

#[tokio::test]
async fn a_killed_writer_loses_no_acknowledged_append() {
    for kill_after in [1, 37, 150, 400] {
        let folder = tempfile::tempdir().unwrap();

        let acknowledged = acknowledged_before_a_kill(folder.path(), kill_after);

        let store = Store::open(folder.path()).unwrap();
        for (lane, last) in acknowledged {
            let name = format!("lane{lane}");
            let events = store.events(&format!("id-{name}"), 0).await.unwrap();
            let (first, others) = events.split_first().unwrap();
            let unbroken: Vec<String> = (2..).take(others.len()).map(|number| event(&name, number)).collect();
            assert_eq!(others, unbroken);
            assert_eq!(first, &event(&name, events.len().try_into().unwrap()));
            assert!(
                u64::try_from(events.len()).unwrap() >= last,
                "lane {lane} lost what follows {}",
                events.len()
            );
        }
    }
}
