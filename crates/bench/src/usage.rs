//! What processes use of the machine, from /proc (Linux).

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

/// Clock ticks in a second; Linux has had 100 for user space since ever (`getconf CLK_TCK`).
const TICKS_PER_SECOND: u64 = 100;

/// The processor time that this process, its threads, its children and those that were waited for have used so far.
pub(crate) fn processor_time(pid: u32) -> Result<Duration> {
    let mut ticks = 0;
    for process in family(pid)? {
        // A process that has ended meanwhile is in its parent's sums.
        if let Some(used) = ticks_of(process) {
            ticks += used;
        }
    }
    Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
}

/// Resident memory now, in bytes.
pub(crate) fn memory(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("the server has ended")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    Ok(kib.context("/proc does not tell the memory")? * 1_024)
}

/// The process and all below it: PostgreSQL has one for each connection.
fn family(pid: u32) -> Result<Vec<u32>> {
    let mut family = vec![pid];
    for task in fs::read_dir(format!("/proc/{pid}/task")).context("the server has ended")? {
        let children = fs::read_to_string(task?.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
            // One that has ended meanwhile has none.
            family.extend(self::family(child).unwrap_or_default());
        }
    }
    Ok(family)
}

/// Fields 14 to 17 of `/proc/PID/stat` (proc(5)): user and system time, of itself and of children that have ended.
fn ticks_of(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may have blanks in it.
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<u64> =
        fields.split_whitespace().skip(11).take(4).filter_map(|field| field.parse().ok()).collect();
    (fields.len() == 4).then(|| fields.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_time_and_memory() {
        let pid = std::process::id();
        let before = processor_time(pid).unwrap();
        let mut sum = 0_u64;
        while processor_time(pid).unwrap() < before + Duration::from_millis(20) {
            sum = (0..1_000_000).fold(sum, |sum, n: u64| sum.wrapping_add(n.pow(2)));
        }
        assert!(memory(pid).unwrap() > 1 << 20, "{sum}");
    }
}
