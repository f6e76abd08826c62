//! A link to the database that can be slow, silent or cut: a small TCP proxy in the test.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const OPEN: u8 = 0;
const SILENT: u8 = 1;
const DOWN: u8 = 2;

/// Forwards connections to a port on this machine, or does not.
pub struct Link {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    mode: AtomicU8,
    delay_millis: AtomicU64,
    open: Mutex<Vec<Line>>,
}

/// A connection, both halves of it.
struct Line {
    streams: [TcpStream; 2],
    lost: Arc<AtomicBool>,
}

impl Link {
    /// An open link to this port.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, state) = (listener.local_addr().unwrap(), Arc::<State>::default());
        let inside = Arc::clone(&state);
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if inside.mode.load(Ordering::SeqCst) == DOWN {
                    continue;
                }
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                let copy = |stream: &TcpStream| stream.try_clone().unwrap();
                let lost = Arc::<AtomicBool>::default();
                let line = Line { streams: [copy(&near), copy(&far)], lost: Arc::clone(&lost) };
                inside.open.lock().unwrap().push(line);
                for (from, to) in [(copy(&near), copy(&far)), (far, near)] {
                    let (state, lost) = (Arc::clone(&inside), Arc::clone(&lost));
                    std::thread::spawn(move || forward(from, to, &state, &lost));
                }
            }
        });
        Self { address, state }
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Each piece takes so long in each direction.
    pub fn slow_down(&self, delay: Duration) {
        self.state.delay_millis.store(u64::try_from(delay.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Takes what is sent and passes nothing on, as if packets were lost.
    pub fn fall_silent(&self) {
        self.state.mode.store(SILENT, Ordering::SeqCst);
    }

    /// Forgets every connection that is open, as something in between does that has been restarted: what is sent on them is
    /// taken and lost, for ever. New ones work.
    pub fn forget(&self) {
        for line in self.state.open.lock().unwrap().iter() {
            line.lost.store(true, Ordering::SeqCst);
        }
    }

    /// Closes every connection, and each new one at once.
    pub fn go_down(&self) {
        self.state.mode.store(DOWN, Ordering::SeqCst);
        self.cut();
    }

    /// Closes every connection.
    pub fn cut(&self) {
        for stream in self.state.open.lock().unwrap().drain(..).flat_map(|line| line.streams) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Works again, also for what was held back.
    pub fn recover(&self) {
        self.state.mode.store(OPEN, Ordering::SeqCst);
        self.state.delay_millis.store(0, Ordering::SeqCst);
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, state: &State, lost: &AtomicBool) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        std::thread::sleep(Duration::from_millis(state.delay_millis.load(Ordering::SeqCst)));
        while state.mode.load(Ordering::SeqCst) == SILENT {
            std::thread::sleep(Duration::from_millis(5));
        }
        if lost.load(Ordering::SeqCst) {
            continue;
        }
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    // Who is forgotten is not told of the end either.
    if !lost.load(Ordering::SeqCst) {
        let _ = to.shutdown(Shutdown::Both);
    }
}
