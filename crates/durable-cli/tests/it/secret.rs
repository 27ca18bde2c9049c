//! The secret in the environment, and the services to which it is sent.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Output;
use std::thread;

use crate::place::{Place, stderr};

const SECRET: &str = "a-long-shared-secret";
/// A documentation address (RFC 5737), which belongs to no machine.
const ELSEWHERE: &str = "192.0.2.1";

fn list(place: &Place, arguments: &[&str]) -> Output {
    place.durable(&[&["list"], arguments].concat()).env("DURABLE_SECRET", SECRET).output().unwrap()
}

/// Listens on this machine, and returns the port and the text of one request.
fn listener() -> (u16, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let received = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = vec![0; 4096];
        let length = stream.read(&mut head).unwrap();
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").unwrap();
        String::from_utf8_lossy(&head[..length]).into_owned()
    });
    (port, received)
}

fn assert_withheld(output: &Output, file: &str) {
    let expected = format!(
        "error: DURABLE_SECRET is set, but `{file}` names {ELSEWHERE}:9800, which is not on this machine; the secret \
         is sent only to this machine or to a host that you name: confirm the host with --endpoint \
         http://{ELSEWHERE}:9800, or unset DURABLE_SECRET\n"
    );
    assert_eq!((output.status.code(), stderr(output)), (Some(2), expected));
}

#[test]
fn the_secret_is_not_sent_to_a_host_named_by_durable_toml() {
    let place = Place::new();
    fs::write(place.path().join("durable.toml"), format!("[service]\nhost = \"{ELSEWHERE}\"\n")).unwrap();

    assert_withheld(&list(&place, &[]), "durable.toml");
}

#[test]
fn the_secret_is_not_sent_to_a_host_named_by_an_address_file() {
    let place = Place::new();
    let folder = place.path().join(".durable");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("address"), format!("{ELSEWHERE}:9800\n")).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();

    assert_withheld(&list(&place, &[]), ".durable/address");
    assert_withheld(&list(&place, &["--folder", ".durable"]), ".durable/address");
}

#[test]
fn the_secret_is_sent_to_a_service_on_this_machine() {
    let place = Place::new();
    let (port, received) = listener();
    fs::write(place.path().join("durable.toml"), format!("[service]\nhost = \"0.0.0.0\"\nport = {port}\n"))
        .unwrap();

    list(&place, &[]);

    let received = received.join().unwrap().to_lowercase();
    assert!(received.contains(&format!("authorization: bearer {SECRET}")), "{received}");
}

#[test]
fn the_secret_is_sent_to_a_host_named_by_the_user() {
    let place = Place::new();
    fs::write(place.path().join("durable.toml"), format!("[service]\nhost = \"{ELSEWHERE}\"\n")).unwrap();
    let (port, received) = listener();

    list(&place, &["--endpoint", &format!("http://localhost:{port}")]);

    let received = received.join().unwrap().to_lowercase();
    assert!(received.contains(&format!("authorization: bearer {SECRET}")), "{received}");
}
