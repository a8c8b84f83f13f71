//! A web server that must not be reached: it counts who comes.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A web server on this machine.
pub struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers every request with this page, which every origin may read.
    pub fn start(page: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                thread::spawn(move || answer(stream, page, &seen));
            }
        });
        Self { port, requests }
    }

    /// Its address, without a slash at its end.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The paths that were asked for.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic holds it").clone()
    }
}

fn answer(mut stream: TcpStream, page: &str, seen: &Mutex<Vec<String>>) {
    let mut line = String::new();
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let _ = reader.read_line(&mut line);
    let path = line.split(' ').nth(1).unwrap_or("?").to_owned();
    seen.lock().expect("no panic holds it").push(path);
    let mut header = String::new();
    while reader.read_line(&mut header).is_ok_and(|count| count > 2) {
        header.clear();
    }
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nAccess-Control-Allow-Origin: *";
    let rest = format!("Content-Length: {}\r\nConnection: close", page.len());
    // A client that has gone needs no answer.
    let _ = write!(stream, "{head}\r\n{rest}\r\n\r\n{page}");
}
