//! The endpoint, which starts a process when an invocation finds none idle.

use std::io::{self, BufReader};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::function_process::FunctionProcess;
use crate::http::Message;
use crate::process::Process;

/// Stops its functions when it is dropped.
pub struct LambdaEndpoint {
    endpoint: String,
    pool: Arc<Pool>,
}

struct Pool {
    /// The address of the service to which functions send checkpoints.
    service: String,
    idle: Mutex<Vec<FunctionProcess>>,
    processes: Mutex<Vec<Process>>,
}

impl LambdaEndpoint {
    pub fn start(service: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
        let pool = Arc::new(Pool {
            service: service.to_owned(),
            idle: Mutex::default(),
            processes: Mutex::default(),
        });
        let shared = Arc::clone(&pool);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let pool = Arc::clone(&shared);
                // A connection that breaks ends with its thread.
                std::thread::spawn(move || pool.serve(stream));
            }
        });
        Self { endpoint, pool }
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
    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        loop {
            let request = Message::read(&mut reader)?;
            let output = self.invoke(request.body);
            Message::respond(&mut stream, "200 OK", "X-Amz-Executed-Version: $LATEST\r\n", &output)?;
        }
    }

    fn invoke(&self, input: Vec<u8>) -> Vec<u8> {
        let idle = lock(&self.idle).pop();
        let function = idle.unwrap_or_else(|| self.start_function());
        let output = function.invoke(input);
        lock(&self.idle).push(function);
        output
    }

    fn start_function(&self) -> FunctionProcess {
        let (function, process) = FunctionProcess::start(&self.service);
        lock(&self.processes).push(process);
        function
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
