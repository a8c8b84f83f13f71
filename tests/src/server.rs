//! A web server on this machine, for apps that fetch something: what it answers is set from outside.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What is answered at a path.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A file.
    File(Vec<u8>),
    /// The first bytes of a file, although all are promised.
    Cut(Vec<u8>, usize),
    /// The file is elsewhere.
    Redirect(String),
}

/// Serves until it is dropped with the process.
#[derive(Debug)]
pub struct Server {
    address: String,
    answers: Arc<Mutex<BTreeMap<String, Answer>>>,
}

impl Server {
    /// Starts one that knows nothing.
    ///
    /// # Panics
    /// When this machine has no network of its own.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound socket").to_string();
        let answers = Arc::new(Mutex::new(BTreeMap::new()));
        let known = Arc::clone(&answers);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client may hang up whenever it likes.
                drop(answer(&stream, &known));
            }
        });
        Self { address, answers }
    }

    /// The address of a path, as `/latest.json`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sets what is at a path.
    ///
    /// # Panics
    /// Never: nothing panics with the lock held.
    pub fn set(&self, path: &str, answer: Answer) {
        let mut answers = self.answers.lock().expect("no panic holds it");
        answers.insert(path.to_owned(), answer);
    }
}

fn answer(
    mut stream: &TcpStream,
    answers: &Mutex<BTreeMap<String, Answer>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = first.split(' ').nth(1).unwrap_or_default();
    let found = answers
        .lock()
        .expect("no panic holds it")
        .get(path)
        .cloned();
    let (head, body) = match found {
        None => ("404 Not Found\r\nContent-Length: 0".to_owned(), Vec::new()),
        Some(Answer::Redirect(to)) => (
            format!("302 Found\r\nLocation: {to}\r\nContent-Length: 0"),
            Vec::new(),
        ),
        Some(Answer::File(body)) => (format!("200 OK\r\nContent-Length: {}", body.len()), body),
        Some(Answer::Cut(mut body, len)) => {
            let head = format!("200 OK\r\nContent-Length: {}", body.len());
            body.truncate(len);
            (head, body)
        }
    };
    write!(stream, "HTTP/1.1 {head}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(&body)
}
