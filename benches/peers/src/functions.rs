//! Measures functions as processes, behind the Runtime API and an endpoint of the Lambda API.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bench_harness::{Certificate, FunctionProcess, Process, Table};

use crate::lambda_api::{serve_ledger, serve_ledger_tls};
use crate::{Ledger, Shape, Workload};

/// How often the functions take turns.
const ROUNDS: usize = 3;
/// Processes of each function that are started in a round.
const STARTS: usize = 20;
/// Executions of each function in a round, after those that warm it up.
const EXECUTIONS: u32 = 2_000;
const WARM_UP: u32 = 200;

const NO_STEPS: Workload = Workload { shape: Shape::Steps, count: 0 };
const THREE_STEPS: Workload = Workload { shape: Shape::Steps, count: 3 };

const FUNCTIONS: [Function; 4] = [
    Function { name: "not durable", program: "function-plain", is_durable: false },
    Function { name: "durable", program: "function-durable", is_durable: true },
    Function { name: "durable, AWS's client", program: "function-durable-aws-sdk", is_durable: true },
    Function { name: "aws", program: "function-aws", is_durable: true },
];

struct Function {
    name: &'static str,
    program: &'static str,
    is_durable: bool,
}

/// A process of a function with the records of its executions.
struct Running {
    function: FunctionProcess,
    process: Process,
    ledger: Arc<Ledger>,
    is_durable: bool,
}

/// The medians of one round, in milliseconds and megabytes.
#[derive(Clone, Copy)]
struct Round {
    first_response: f64,
    first_response_cpu: f64,
    peak_memory: f64,
    execution: f64,
    execution_cpu: f64,
}

/// Where the Lambda API is served.
enum Endpoint<'a> {
    Http,
    /// With this certificate, whose authority is in a file.
    Https(&'a Certificate, &'a Path),
}

/// Measures all functions and prints a table for each kind of endpoint.
pub fn measure_functions() {
    let folder = tempfile::tempdir().expect("a folder for the certificate");
    let (certificate, authority) = (Certificate::generate(), folder.path().join("authority.pem"));
    certificate.write_authority(&authority);
    print("http", &Endpoint::Http);
    print("https", &Endpoint::Https(&certificate, &authority));
}

fn print(scheme: &str, endpoint: &Endpoint<'_>) {
    let mut rounds = FUNCTIONS.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (function, rounds) in FUNCTIONS.iter().zip(&mut rounds) {
            rounds.push(function.measure(endpoint));
        }
    }
    let table = Table::begin(&FUNCTIONS.map(|function| function.name));
    let row = |what: &str, figure: fn(&Round) -> f64| {
        let values = rounds.each_ref().map(|rounds| rounds.iter().map(figure).collect());
        table.row(&format!("{scheme}: {what}"), &values);
    };
    row("exec to first response, ms", |round| round.first_response);
    row("processor time of that, ms", |round| round.first_response_cpu);
    row("peak memory of that, MB", |round| round.peak_memory);
    row("execution of 3 steps, ms", |round| round.execution);
    row("processor time of that, ms", |round| round.execution_cpu);
    println!();
}

impl Function {
    fn measure(&self, endpoint: &Endpoint<'_>) -> Round {
        let starts: Vec<_> = (0..STARTS).map(|_| self.first_response(endpoint)).collect();
        let running = self.start(endpoint);
        (0..WARM_UP).for_each(|_| running.execute(THREE_STEPS));
        let (begin, cpu) = (Instant::now(), running.process.cpu_time());
        (0..EXECUTIONS).for_each(|_| running.execute(THREE_STEPS));
        let (took, cpu) = (begin.elapsed(), running.process.cpu_time() - cpu);
        let each = |total: Duration| milliseconds(total) / f64::from(EXECUTIONS);
        Round {
            first_response: median(starts.iter().map(|(took, _, _)| milliseconds(*took))),
            first_response_cpu: median(starts.iter().map(|(_, cpu, _)| milliseconds(*cpu))),
            peak_memory: median(starts.iter().map(|(_, _, memory)| *memory as f64 / 1e6)),
            execution: each(took),
            execution_cpu: each(cpu),
        }
    }

    /// Returns how long a new process takes to respond, its processor time, and its peak memory.
    fn first_response(&self, endpoint: &Endpoint<'_>) -> (Duration, Duration, u64) {
        let begin = Instant::now();
        let running = self.start(endpoint);
        running.execute(NO_STEPS);
        (begin.elapsed(), running.process.cpu_time(), running.process.peak_memory())
    }

    fn start(&self, endpoint: &Endpoint<'_>) -> Running {
        let own = std::env::current_exe().expect("this program has a path");
        let mut program = Command::new(own.with_file_name(self.program));
        let ledger = Arc::new(Ledger::new(NO_STEPS, Duration::ZERO));
        let url = match endpoint {
            Endpoint::Http => serve_ledger(Arc::clone(&ledger)),
            Endpoint::Https(certificate, authority) => {
                program.env("AWS_CA_BUNDLE", authority).env("SSL_CERT_FILE", authority);
                serve_ledger_tls(certificate, Arc::clone(&ledger))
            }
        };
        let (function, process) = FunctionProcess::start(program, &url);
        Running { function, process, ledger, is_durable: self.is_durable }
    }
}

impl Running {
    /// Runs one execution in one invocation.
    ///
    /// # Panics
    /// If it did not do its work.
    fn execute(&self, workload: Workload) {
        self.ledger.restart(workload);
        let output = self.function.invoke(self.ledger.payload());
        let output = String::from_utf8(output).expect("responses are text");
        let expected = format!(r#""Result":"{}""#, workload.answer());
        assert!(!self.is_durable || output.contains(&expected), "{output} instead of {expected}");
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
