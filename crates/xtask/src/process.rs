//! Children and signals: nothing that was started here outlives us, and Ctrl-C ends everything in order.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGINT, SIGTERM};

/// How often a wait looks around.
pub(crate) const TICK: Duration = Duration::from_millis(50);

/// How long after Ctrl-C a child may take before it is told a second time. A terminal tells the child itself;
/// `kill -INT` does not.
const GRACE: Duration = Duration::from_secs(3);

/// The person (or the machine) asked us to stop; not a failure worth a message.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Remembers the signal that asked us to stop, instead of dying of it.
pub(crate) struct Interrupts {
    signal: Arc<AtomicUsize>,
}

impl Interrupts {
    /// From now on Ctrl-C, a closed terminal and a plain `kill` are only noted.
    pub(crate) fn listen() -> Result<Self> {
        let signal = Arc::new(AtomicUsize::new(0));
        for number in signals() {
            let value = usize::try_from(number).context("signal numbers are positive")?;
            signal_hook::flag::register_usize(number, Arc::clone(&signal), value)
                .context("cannot watch for Ctrl-C")?;
        }
        Ok(Self { signal })
    }

    /// The signal that came, if one did.
    fn signal(&self) -> Option<i32> {
        i32::try_from(self.signal.load(Ordering::Relaxed)).ok().filter(|signal| *signal != 0)
    }

    /// Whether we were asked to stop.
    pub(crate) fn came(&self) -> bool {
        self.signal().is_some()
    }

    /// Goes on only if nobody asked us to stop.
    pub(crate) fn check(&self) -> Result<()> {
        if self.came() { Err(Interrupted.into()) } else { Ok(()) }
    }
}

#[cfg(unix)]
fn signals() -> [i32; 3] {
    [SIGINT, SIGTERM, signal_hook::consts::SIGHUP]
}

#[cfg(not(unix))]
fn signals() -> [i32; 2] {
    [SIGINT, SIGTERM]
}

/// Runs a command to its end, on our terminal. An unsuccessful end is the caller's to judge.
pub(crate) fn status(command: &mut Command, interrupts: &Interrupts) -> Result<ExitStatus> {
    let mut child = command.spawn().with_context(|| format!("cannot start {}", shown(command)))?;
    let status = wait(&mut child, interrupts)?;
    interrupts.check()?;
    Ok(status)
}

/// Runs a command to its end, on our terminal; it must succeed.
pub(crate) fn run(command: &mut Command, interrupts: &Interrupts) -> Result<()> {
    let status = status(command, interrupts)?;
    if !status.success() {
        bail!("{} failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs a command to its end, for the few lines that it prints; it must succeed.
pub(crate) fn answer(command: &mut Command, interrupts: &Interrupts) -> Result<String> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {}", shown(command)))?;
    let status = wait(&mut child, interrupts)?;
    interrupts.check()?;
    if !status.success() {
        bail!("{} failed ({status})", shown(command));
    }
    let mut text = String::new();
    let mut answer = child.stdout.take().context("the answer was piped")?;
    answer.read_to_string(&mut text).context("the answer is no text")?;
    Ok(text)
}

/// Waits for a child, and after a signal sees to it that the child ends as well.
pub(crate) fn wait(child: &mut Child, interrupts: &Interrupts) -> Result<ExitStatus> {
    let mut tell_at = None;
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for a child process")? {
            return Ok(status);
        }
        if let Some(signal) = interrupts.signal() {
            let grace = if signal == SIGINT { GRACE } else { Duration::ZERO };
            let at = *tell_at.get_or_insert_with(|| Instant::now() + grace);
            if Instant::now() >= at {
                terminate(child);
                tell_at = Some(Instant::now() + 10 * GRACE);
            }
        }
        thread::sleep(TICK);
    }
}

/// Asks a child to end in order. Through the shell's own `kill`, because std knows only the harsh way and small
/// systems have no program of that name.
#[cfg(unix)]
pub(crate) fn terminate(child: &mut Child) {
    if matches!(child.try_wait(), Ok(Some(_))) {
        return;
    }
    let asked = Command::new("sh").args(["-c", "kill -TERM \"$1\"", "sh", &child.id().to_string()]).status();
    if !asked.is_ok_and(|status| status.success()) {
        kill(child);
    }
}

#[cfg(not(unix))]
pub(crate) fn terminate(child: &mut Child) {
    kill(child);
}

fn kill(child: &mut Child) {
    if let Err(error) = child.kill() {
        eprintln!("could not stop process {}: {error}", child.id());
    }
}

/// A command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_stem().unwrap_or(command.get_program());
    let words = std::iter::once(name).chain(command.get_args()).map(|word| {
        let word = word.to_string_lossy();
        if word.contains([' ', '(']) { format!("'{word}'") } else { word.into_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}
