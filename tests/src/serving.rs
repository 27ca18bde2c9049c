//! `durable dev` as a process of its own, and the way to it.

use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A service that runs as a process, until it is killed with SIGKILL or this is dropped, which is the same.
#[derive(Debug)]
pub struct Served {
    child: Child,
    address: SocketAddr,
}

impl Served {
    /// Starts a command that serves, and waits until it listens. `line` gets every line that it says from then on.
    pub fn start(mut command: Command, line: impl FnMut(String) + Send + 'static) -> io::Result<Self> {
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        let errors =
            child.stderr.take().ok_or_else(|| io::Error::other("its standard error is not there"))?;
        let mut lines = BufReader::new(errors).lines().map_while(Result::ok);
        let mut before = Vec::new();
        let address = lines.find_map(|line| {
            let address = line.strip_prefix("serving ").and_then(listening_at);
            before.push(line);
            address
        });
        // What functions write must be read, or they block.
        std::thread::spawn(move || lines.for_each(line));
        match address {
            Some(address) => Ok(Self { child, address }),
            None => {
                child.wait()?;
                Err(io::Error::other(format!("it does not serve, but says: {}", before.join("\n"))))
            }
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as clients are told it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listening_at(told: &str) -> Option<SocketAddr> {
    told.split_once("http://")?.1.split(',').next()?.parse().ok()
}

/// A text as a segment of a path.
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
