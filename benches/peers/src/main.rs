//! Prints the table of the comparison: see the README for what is measured and how.

use std::time::Duration;

use peers::{
    Figures, Sdk, Shape, Task, Workload, live, measure_functions, print_head, print_row, print_times, replay,
    test,
};

/// How often the processes of the SDKs take turns.
const ROUNDS: usize = 3;
/// How long a checkpoint takes in a first run.
const LATENCY: Duration = Duration::from_millis(10);

const REPLAYED: [Workload; 8] = [
    Workload { shape: Shape::Steps, count: 1_000 },
    Workload { shape: Shape::Steps, count: 10_000 },
    Workload { shape: Shape::Steps, count: 100_000 },
    Workload { shape: Shape::Namesakes, count: 10_000 },
    Workload { shape: Shape::Map, count: 1_000 },
    Workload { shape: Shape::Map, count: 10_000 },
    Workload { shape: Shape::FlatMap, count: 1_000 },
    Workload { shape: Shape::FlatMap, count: 10_000 },
];
const LIVE: [Workload; 3] = [
    Workload { shape: Shape::Steps, count: 200 },
    Workload { shape: Shape::Map, count: 1_000 },
    Workload { shape: Shape::FlatMap, count: 1_000 },
];
const TESTED: [Workload; 2] =
    [Workload { shape: Shape::Steps, count: 1_000 }, Workload { shape: Shape::Steps, count: 10_000 }];

fn main() {
    let mut args = std::env::args().skip(1);
    let sections: [(&str, fn()); 3] = [("replay", replays), ("live", first_runs), ("test", tests)];
    match args.next().as_deref() {
        None => {
            print_head();
            sections.iter().for_each(|(_, print)| print());
            println!();
            measure_functions();
        }
        Some("functions") => measure_functions(),
        Some("record") => Task::from_args(args).write(),
        Some("time") => print_times(&Task::from_args(args)),
        Some(word) => {
            let section = sections.iter().find(|(name, _)| *name == word);
            let (_, print) =
                section.unwrap_or_else(|| panic!("{word} is none of replay, live, test, functions"));
            print_head();
            print();
        }
    }
}

fn replays() {
    let folder = tempfile::tempdir().expect("a folder for payloads");
    for workload in REPLAYED {
        let tasks = Sdk::DEFAULTS.map(|sdk| Task::record(sdk, workload, folder.path()));
        print("replay", workload, &Sdk::DEFAULTS, &replay(&tasks, ROUNDS));
    }
}

fn first_runs() {
    for workload in LIVE {
        print("first run", workload, &Sdk::ALL, &Sdk::ALL.map(|sdk| live(sdk, workload, LATENCY)));
    }
}

fn tests() {
    for workload in TESTED {
        let mut figures = vec![test(Sdk::Durable, workload, ROUNDS)];
        // Its time grows with the square: 10,000 steps take more than five minutes.
        if workload.count <= 1_000 {
            figures.push(test(Sdk::Aws, workload, 1));
        }
        print("test", workload, &Sdk::DEFAULTS, &figures);
    }
}

fn print(what: &str, workload: Workload, sdks: &[Sdk], figures: &[Figures]) {
    for (sdk, measured) in sdks.iter().zip(figures) {
        print_row(what, workload, *sdk, measured, &figures[0]);
    }
}
