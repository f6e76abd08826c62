//! Where PostgreSQL's server programs are, and who runs them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::tools::{answer, on_path, program_in};

/// The accounts that root may become, the fitting one first.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// The folder that has both `initdb` and `postgres`.
pub(super) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Distributions keep the server programs off PATH, in a folder per version; the newest is taken.
    pub(super) fn find() -> Result<Self> {
        let told = answer("pg_config", &["--bindir"]).map(PathBuf::from);
        let on_path = on_path("initdb").and_then(|file| file.parent().map(Path::to_owned));
        told.into_iter()
            .chain(newest_first("/usr/lib/postgresql"))
            .chain(on_path)
            .find(|folder| ["initdb", "postgres"].iter().all(|name| program_in(folder, name).is_some()))
            .map(|folder| Self { folder })
            .context(
                "the tests on PostgreSQL take its server programs, and there are none: \
                 `apt-get install postgresql` (or set TEST_DATABASE_URL to a server of yours)",
            )
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }
}

/// `<parent>/<version>/bin` by falling version.
fn newest_first(parent: &str) -> Vec<PathBuf> {
    let mut versions: Vec<u32> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.iter().map(|version| Path::new(parent).join(version.to_string()).join("bin")).collect()
}

/// The account of the server: our own, except that PostgreSQL refuses to run as root.
pub(super) struct Account {
    ids: Option<(u32, u32)>,
}

impl Account {
    /// Ourselves, or for root an account that may do nothing else.
    pub(super) fn unprivileged() -> Result<Self> {
        if id("-u", None) != Some(0) {
            return Ok(Self { ids: None });
        }
        let ids = UNPRIVILEGED.iter().find_map(|name| Some((id("-u", Some(name))?, id("-g", Some(name))?)));
        match ids {
            Some(ids) => Ok(Self { ids: Some(ids) }),
            None => bail!(
                "PostgreSQL refuses to run as root, and there is no account `postgres` or `nobody` to run it: \
                 `useradd --system postgres`"
            ),
        }
    }

    /// A command under this account, which Ctrl-C in our terminal does not reach: we end it in our order.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        // Messages are parsed by nobody, but read by people who search the web for them.
        command.env("LC_ALL", "C");
        // Somewhere that every account can enter.
        command.current_dir("/");
        apart(&mut command, self.ids);
        command
    }
}

#[cfg(unix)]
fn apart(command: &mut Command, ids: Option<(u32, u32)>) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
    if let Some((user, group)) = ids {
        command.uid(user).gid(group);
    }
}

#[cfg(not(unix))]
fn apart(_: &mut Command, _: Option<(u32, u32)>) {}

fn id(what: &str, name: Option<&str>) -> Option<u32> {
    let mut arguments = vec![what];
    arguments.extend(name);
    answer("id", &arguments)?.parse().ok()
}
