//! How many files this process may have open, and how many connections that is enough for.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What is open besides connections and the database: keys, logs, libraries, mails, webhooks and what asks for metrics.
const OTHERS: usize = 64;

/// Raises the limit to what this process may raise it to, as shells start programs with a low one that is meant for programs
/// which cannot count further. Answers the limit.
pub fn raise_limit() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let mut raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    // Only if there is a difference: a sandbox may end whoever asks.
    if limit.current != limit.maximum && setrlimit(Resource::Nofile, raised).is_err() {
        raised = limit;
    }
    raised.current.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX))
}

/// How many connections can be served with so many files; each takes two, and so do the `spare` ones that are only told that
/// there are too many.
pub fn connections(files: usize, spare: impl Fn(usize) -> usize) -> usize {
    let all = files.saturating_sub(OTHERS) / 2;
    // `spare` is some fixed number and a share.
    let mut connections = all.saturating_sub(spare(0));
    while connections > 0 && connections + spare(connections) > all {
        connections -= connections.div_ceil(16);
    }
    connections.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_files_for_all_connections() {
        let spare = |limit| limit / 8 + 16;
        for files in [0, 64, 256, 512, 1_024, 4_096, 20_000, 65_536] {
            let connections = connections(files, spare);
            let needed = 2 * (connections + spare(connections)) + OTHERS;
            assert!(needed <= files || connections == 1, "{connections} connections with {files} files");
            assert!(files < 256 || connections > files / 5, "{connections} connections with {files} files");
        }
    }
}
