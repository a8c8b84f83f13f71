//! A runtime without a window: a page's messages come on stdin, answers go to stdout.
//!
//! Apps are sealed with it (`pyxidium build --runtime`), so that everything between a page and
//! Python can be tested without a window. Integers are little-endian, 32 bits:
//!
//! ```text
//! in:  length, kind, tag, label's length, label, data    (kind: see `act`)
//! out: length, kind, tag, data                           (kind: j(son), b(ytes), e(rror))
//! ```

use std::{
    fs::File,
    io::{self, BufReader, Read, Write},
    os::fd::FromRawFd,
    process::ExitCode,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use bridge::{Bridge, Response};
use pyembed::{Exit, Program, builtin_module};

/// How long calls may take to end.
const GRACE: Duration = Duration::from_secs(2);

/// Where answers go; the app's own prints go to stderr.
type Answers = Arc<Mutex<File>>;

fn main() -> ExitCode {
    // SAFETY: at the start of the process, standard output is open and nobody uses it yet; the
    // copy has no other owner.
    let answers = unsafe {
        let answers = libc::dup(libc::STDOUT_FILENO);
        libc::dup2(libc::STDERR_FILENO, libc::STDOUT_FILENO);
        File::from_raw_fd(answers)
    };
    pyembed::exit_code(run(&Arc::new(Mutex::new(answers))))
}

fn run(answers: &Answers) -> Result<i32, pyembed::Error> {
    let program = Program::of_process()?;
    let interpreter = program.start(&[builtin_module!(bridge::native_module)])?;
    let bridge = Bridge::of_process();
    let (to_main, at_main) = mpsc::channel();
    let page = Arc::clone(answers);
    std::thread::spawn(move || {
        // However the page goes, the app ends with it.
        let _ = read_messages(bridge, &page, &to_main);
    });

    let exit = match interpreter.run_entry(program.manifest()) {
        Ok(()) => {
            bridge.ready();
            Exit::Done
        }
        Err(error) => {
            bridge.failed(&error.to_string());
            Exit::Failed
        }
    };
    let all_ended = interpreter.detached(move || {
        // Requests to run the app's code again would come here; a page that goes ends the wait.
        while let Ok(()) = at_main.recv() {
            bridge.ready();
        }
        bridge.shutdown(GRACE)
    });
    answer(answers, 0, b'j', if all_ended { b"true" } else { b"false" });
    Ok(interpreter.finish(exit))
}

fn read_messages(bridge: Bridge, answers: &Answers, to_main: &mpsc::Sender<()>) -> io::Result<()> {
    let mut input = BufReader::new(io::stdin());
    loop {
        let mut header = [0; 16];
        input.read_exact(&mut header)?;
        let field = |index: usize| {
            let bytes = header[4 * index..4 * index + 4].try_into();
            bytes.map_or(0, u32::from_le_bytes)
        };
        let (length, kind, tag) = (field(0) as usize, field(1), field(2));
        let mut label = vec![0; field(3) as usize];
        input.read_exact(&mut label)?;
        let mut data = vec![0; length];
        input.read_exact(&mut data)?;
        let label = String::from_utf8_lossy(&label).into_owned();
        act(bridge, answers, to_main, (kind as u8, tag), &label, data);
    }
}

fn act(
    bridge: Bridge,
    answers: &Answers,
    to_main: &mpsc::Sender<()>,
    (kind, tag): (u8, u32),
    label: &str,
    data: Vec<u8>,
) {
    match kind {
        b'm' => {
            let answers = Arc::clone(answers);
            let reply = move |response: Response| match response {
                Response::Json(json) => answer(&answers, tag, b'j', json.as_bytes()),
                Response::Bytes(bytes) => answer(&answers, tag, b'b', &bytes),
                Response::Error(json) => answer(&answers, tag, b'e', json.as_bytes()),
            };
            bridge.handle(label, data, Box::new(reply));
        }
        b'f' => bridge.forget_window(label),
        b'd' => bridge.set_development(true),
        b'e' => bridge.emit(Some(label), "from-rust", &String::from_utf8_lossy(&data)),
        b'r' => {
            bridge.reset();
            let _ = to_main.send(());
        }
        // How long it takes here, without the pipe: `data` that many times, one after another.
        b't' => {
            let count = tag;
            let start = std::time::Instant::now();
            for _ in 0..count {
                let (done, wait) = mpsc::channel();
                let reply = move |response| {
                    let _ = done.send(response);
                };
                bridge.handle(label, data.clone(), Box::new(reply));
                let _ = wait.recv();
            }
            let nanoseconds = start.elapsed().as_nanos() / u128::from(count.max(1));
            answer(answers, tag, b'j', nanoseconds.to_string().as_bytes());
        }
        _ => {}
    }
}

fn answer(answers: &Answers, tag: u32, kind: u8, data: &[u8]) {
    let Ok(mut out) = answers.lock() else { return };
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let mut header = Vec::with_capacity(12);
    for field in [length, u32::from(kind), tag] {
        header.extend_from_slice(&field.to_le_bytes());
    }
    // A test that went away wants no answer.
    let _ = out.write_all(&header).and_then(|()| out.write_all(data));
}
