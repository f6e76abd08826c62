//! `portal backup` and `portal restore`: a folder with the database of one moment, and the keys that belong to it.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use clap::Args;

use super::CommandError;
use crate::app::StartError;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::snapshot::{self, SnapshotError, at};

/// The database's file in a backup.
const DATABASE: &str = "portal.db";
/// The folder of keys in a backup.
const KEYS: &str = "keys";
/// What SQLite keeps beside a database.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What to back up, and where to.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The folder to make.
    folder: PathBuf,
    /// Leave the keys out, where they are kept safe in another way.
    #[arg(long)]
    without_keys: bool,
    #[command(flatten)]
    pub(super) config: Config,
}

/// What to restore.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The folder that `portal backup` made.
    folder: PathBuf,
    /// Put a database or a key that is in the way aside; it is renamed, not deleted.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    pub(super) config: Config,
}

/// Makes a backup, and answers what to do with it.
pub(super) fn back_up(arguments: Backup) -> Result<String, CommandError> {
    let Backup { folder, without_keys, config } = arguments;
    let database = database_of(&config, "pg_dump --format=custom --file=portal.dump")?;
    if !database.exists() {
        return Err(CommandError::Refused(format!("there is no database at {}", database.display())));
    }
    if folder.exists() {
        return Err(CommandError::Refused(format!(
            "{} exists: a backup is a new folder, and never written over an old one",
            folder.display()
        )));
    }
    // Under its name there is a whole backup or none.
    let draft = beside(&folder, ".part");
    private_folder(&draft)?;
    let taken = take(&database, if without_keys { None } else { Some(&config.keys_dir) }, &draft)
        .and_then(|()| rename(&draft, &folder));
    if let Err(error) = taken {
        let _ = fs::remove_dir_all(&draft);
        return Err(error.into());
    }
    let what = if without_keys {
        format!("the database, without the keys of {}", config.keys_dir.display())
    } else {
        "the database and the keys: who has it can sign in as anybody, so keep it as safe as these".to_owned()
    };
    Ok(format!("{} has {what}.", folder.display()))
}

fn take(database: &Path, keys: Option<&Path>, draft: &Path) -> Result<(), SnapshotError> {
    snapshot::take(database, &draft.join(DATABASE))?;
    if let Some(keys) = keys {
        let copies = draft.join(KEYS);
        private_folder(&copies)?;
        for key in key_files(keys)? {
            copy(&key, &copies.join(key.file_name().unwrap_or_default()))?;
        }
        sync_folder(&copies)?;
    }
    sync_folder(draft)
}

/// Restores a backup, and answers what was put aside.
pub(super) fn restore(arguments: Restore) -> Result<String, CommandError> {
    let Restore { folder, replace, config } = arguments;
    let database = database_of(&config, "pg_restore")?;
    let source = folder.join(DATABASE);
    if !source.is_file() {
        return Err(CommandError::Refused(format!(
            "{} is not a backup: it has no {DATABASE}",
            folder.display()
        )));
    }
    let aside = format!(".replaced-{}", Clock::default().now().format("%Y%m%dT%H%M%SZ"));
    let keys = if folder.join(KEYS).is_dir() { key_files(&folder.join(KEYS))? } else { Vec::new() };
    let mut in_the_way = Vec::new();
    for key in &keys {
        let place = config.keys_dir.join(key.file_name().unwrap_or_default());
        if place.exists() && fs::read(&place).map_err(at(&place))? != fs::read(key).map_err(at(key))? {
            in_the_way.push(place);
        }
    }
    for file in std::iter::once(database.clone()).chain(COMPANIONS.map(|end| beside(&database, end))) {
        if fs::metadata(&file).is_ok_and(|data| data.len() > 0) {
            in_the_way.push(file);
        }
    }
    // Whether somebody uses it is found out before anything is said of replacing it.
    let held = if database.exists() { Some(snapshot::hold(&database)?) } else { None };
    in_the_way.retain(|file| file.exists());
    if !replace && let Some(first) = in_the_way.first() {
        return Err(CommandError::Refused(format!(
            "{} is there already: with --replace it is put aside, as {}",
            first.display(),
            beside(first, &aside).display()
        )));
    }
    // What is examined is the copy that will be used, on this disk.
    let copied = beside(&database, ".restoring");
    let _ = fs::remove_file(&copied);
    if let Err(error) = copy(&source, &copied).and_then(|()| snapshot::examine(&copied)) {
        let _ = fs::remove_file(&copied);
        return Err(error.into());
    }
    for file in &in_the_way {
        rename(file, &beside(file, &aside))?;
    }
    private_folder_if_missing(&config.keys_dir)?;
    for key in &keys {
        let place = config.keys_dir.join(key.file_name().unwrap_or_default());
        if !place.exists() {
            copy(key, &place)?;
        }
    }
    sync_folder(&config.keys_dir)?;
    rename(&copied, &database)?;
    let mut said = format!("{} is restored.", database.display());
    if held.is_some_and(|held| !held.is_readable()) {
        said += " What was there could not be read as a database any more.";
    }
    if keys.is_empty() {
        said += &format!(
            " The backup has no keys: put those that belong to it into {}.",
            config.keys_dir.display()
        );
    }
    for file in &in_the_way {
        said += &format!("\n{} is now {}.", file.display(), beside(file, &aside).display());
    }
    Ok(said)
}

/// The file of the database; on PostgreSQL, a sentence that says what to use.
fn database_of(config: &Config, instead: &str) -> Result<PathBuf, CommandError> {
    snapshot::sqlite_file(&config.database_url).map_err(StartError::from)?.ok_or_else(|| {
        CommandError::Refused(format!(
            "the database is PostgreSQL, which has its own tools: use {instead}, and copy {} along; \
             docs/OPERATIONS.md has the commands",
            config.keys_dir.display()
        ))
    })
}

/// All files of the keys' folder but those that are just being written.
fn key_files(folder: &Path) -> Result<Vec<PathBuf>, SnapshotError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        if path.is_file()
            && path.extension().is_some_and(|extension| extension == "pk8" || extension == "key")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The file with this at the end of its name.
fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(file.components().as_path());
    name.push(end);
    PathBuf::from(name)
}

fn private_folder(folder: &Path) -> Result<(), SnapshotError> {
    fs::DirBuilder::new().mode(0o700).create(folder).map_err(at(folder))
}

fn private_folder_if_missing(folder: &Path) -> Result<(), SnapshotError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))
}

/// Copies to a new file that only we may read, and to the disk.
fn copy(from: &Path, to: &Path) -> Result<(), SnapshotError> {
    let mut source = fs::File::open(from).map_err(at(from))?;
    let mut target =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(at(to))?;
    std::io::copy(&mut source, &mut target).and_then(|_| target.flush()).map_err(at(to))?;
    target.sync_all().map_err(at(to))
}

fn rename(from: &Path, to: &Path) -> Result<(), SnapshotError> {
    fs::rename(from, to).map_err(at(to))?;
    match to.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    }
}

/// The names in a folder are on the disk only when the folder is.
fn sync_folder(folder: &Path) -> Result<(), SnapshotError> {
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
}
