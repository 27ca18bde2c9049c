//! The endpoint, which starts a process when an invocation finds none idle.

use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bench_harness::{FunctionProcess, Process, Response, serve};

/// Stops its functions when it is dropped.
pub struct LambdaEndpoint {
    endpoint: String,
    pool: Arc<Pool>,
}

struct Pool {
    /// The URL of the service to which functions send checkpoints.
    service_url: String,
    idle: Mutex<Vec<FunctionProcess>>,
    processes: Mutex<Vec<Process>>,
}

impl LambdaEndpoint {
    pub fn start(service: &str) -> Self {
        let pool = Arc::new(Pool {
            service_url: format!("http://{service}"),
            idle: Mutex::default(),
            processes: Mutex::default(),
        });
        let shared = Arc::clone(&pool);
        let address = serve(move |request| {
            let output = shared.invoke(request.body);
            Ok(Response { headers: "X-Amz-Executed-Version: $LATEST\r\n", ..Response::ok(output) })
        });
        Self { endpoint: format!("http://{address}"), pool }
    }

    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub fn processes(&self) -> Vec<u32> {
        lock(&self.pool.processes).iter().map(Process::id).collect()
    }
}

impl Drop for LambdaEndpoint {
    fn drop(&mut self) {
        lock(&self.pool.processes).clear();
    }
}

impl Pool {
    fn invoke(&self, input: Vec<u8>) -> Vec<u8> {
        let idle = lock(&self.idle).pop();
        let function = idle.unwrap_or_else(|| self.start_function());
        let output = function.invoke(input);
        lock(&self.idle).push(function);
        output
    }

    /// Starts this program as the function.
    fn start_function(&self) -> FunctionProcess {
        let program = Command::new(std::env::current_exe().expect("this program has a path"));
        let (function, process) = FunctionProcess::start(program, &self.service_url);
        lock(&self.processes).push(process);
        function
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
