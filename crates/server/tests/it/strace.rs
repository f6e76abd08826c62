//! strace on running processes: it tells what they ask of the system, and lets the system refuse it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::app::leave_out;
use crate::cluster::signal;

/// strace, while it looks.
pub struct Strace {
    child: Child,
    file: PathBuf,
}

impl Strace {
    /// Begins to look at these processes and all their threads, with these arguments. None where that cannot be, which it says.
    pub fn begin(processes: &[u32], arguments: &[&str], folder: &Path) -> Option<Self> {
        let (file, said) = (folder.join("strace.log"), folder.join("strace.said"));
        let mut strace = Command::new("strace");
        strace.arg("-f").args(arguments).arg("-o").arg(&file);
        for process in processes {
            strace.args(["-p", &process.to_string()]);
        }
        strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(std::fs::File::create(&said).unwrap());
        let Ok(child) = strace.spawn() else {
            leave_out("strace is not installed: apt-get install strace");
            return None;
        };
        let (mut strace, deadline) = (Self { child, file }, Instant::now() + Duration::from_secs(20));
        loop {
            let words = std::fs::read_to_string(&said).unwrap_or_default();
            // One that has ended meanwhile is not missed.
            let done = words.matches(" attached").count() + words.matches("No such process").count();
            if done >= processes.len() {
                return Some(strace);
            }
            if strace.child.try_wait().expect("a child of ours").is_some() {
                leave_out(&format!("strace may not look at other processes here; root may: {words}"));
                return None;
            }
            assert!(Instant::now() < deadline, "strace attaches: {words}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stops looking; what was seen, a line for a call. One that was interrupted by another process's has a second line when
    /// it ends.
    pub fn end(mut self) -> Vec<String> {
        signal(self.child.id(), "INT");
        self.child.wait().expect("a child of ours");
        std::fs::read_to_string(&self.file).unwrap().lines().map(ToOwned::to_owned).collect()
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        // Whom it looks at goes on.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
