//! The signing keys: Ed25519 key pairs in a directory, the newest of which signs while all of them verify.
//!
//! Several processes share the directory, and look into it again about once a second while they sign tokens or meet one of
//! a key that they do not know. A new key signs only after a few seconds, when each of them would find it; so a rotation
//! needs no restart and signs nobody out.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aws_lc_rs::signature::{Ed25519KeyPair, Signature};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};

use super::link::LinkKey;
use crate::clock::{Clock, Time, random_bytes};

/// How long a key that was replaced still verifies: much longer than a token lives.
const KEPT_AFTER_ROTATION_HOURS: i64 = 24;
/// How old a key must be to sign: longer than another process takes to look again ([`RELOAD_MILLIS`]). Else it could
/// have looked just before the key was made, meet a token of it, and refuse it.
const SETTLING_MILLIS: i64 = 5_000;
/// How long what was read of the directory is good.
const RELOAD_MILLIS: i64 = 1_000;
/// For how many seconds what is published may be kept: what was published just before a key was made is out of every cache
/// when the key begins to sign.
pub const PUBLISHED_SECONDS: i64 = (SETTLING_MILLIS - RELOAD_MILLIS) / 1_000;
/// A key's file: the milliseconds of its making, then its thumbprint.
const EXTENSION: &str = "pk8";

/// Why keys could not be read or made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The directory or a file in it.
    #[error("{path}: {error}", path = .path.display())]
    File {
        /// Where.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file is not a key.
    #[error("{path} is not an Ed25519 key in PKCS #8 form", path = .0.display())]
    NotAKey(PathBuf),
    /// There are none to rotate.
    #[error(
        "there are no keys in {path}: set PORTAL_KEYS_DIR to the folder of the portal that is running; a new portal makes its own",
        path = .0.display()
    )]
    NoKeys(PathBuf),
    /// The cryptography library refused.
    #[error("a key could not be made")]
    Crypto,
}

/// The key that signs.
pub struct SigningKey {
    kid: String,
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// The key's id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// A signature by RFC 8032.
    pub fn sign(&self, message: &[u8]) -> Signature {
        self.pair.sign(message)
    }
}

/// The keys as they were when the directory was last read.
pub struct KeyRing {
    signing: SigningKey,
    verifying: HashMap<String, DecodingKey>,
    published: JwkSet,
}

impl KeyRing {
    /// The key to sign with.
    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// The public key with this id.
    pub fn verifying(&self, kid: &str) -> Option<&DecodingKey> {
        self.verifying.get(kid)
    }

    /// The public keys as a JWK set (RFC 7517).
    pub fn published(&self) -> &JwkSet {
        &self.published
    }
}

/// The signing keys of all processes of this portal.
pub struct Keys {
    directory: PathBuf,
    clock: Clock,
    ring: RwLock<Arc<KeyRing>>,
    last_reload: Mutex<Time>,
    link_key: LinkKey,
}

impl Keys {
    /// Reads the keys, and makes the first ones where there are none.
    ///
    /// # Errors
    /// When the directory cannot be read or written, or has something else in it.
    pub fn open(directory: &Path, clock: &Clock) -> Result<Self, KeyError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(at(directory))?;
        if key_files(directory)?.is_empty() {
            create_key(directory, clock.now())?;
        }
        let link_key = LinkKey::new(&read_or_create(&directory.join("link.key"), &random_bytes::<32>())?);
        let ring = RwLock::new(Arc::new(read_ring(directory, clock.now())?));
        Ok(Self {
            directory: directory.to_owned(),
            clock: clock.clone(),
            ring,
            last_reload: Mutex::new(clock.now()),
            link_key,
        })
    }

    /// The keys to sign and verify with.
    pub fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The keys, read again because one is missing or may be new; at most once a second, so that made-up key ids cost
    /// nothing.
    pub fn reloaded(&self) -> Arc<KeyRing> {
        let mut last = self.last_reload.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        if (now - *last).num_milliseconds() >= RELOAD_MILLIS {
            *last = now;
            match read_ring(&self.directory, now) {
                Ok(ring) => *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring),
                Err(error) => tracing::error!(%error, "the signing keys could not be read again"),
            }
        }
        self.ring()
    }

    /// The key that one-time tokens are derived with.
    pub fn link_key(&self) -> &LinkKey {
        &self.link_key
    }

    /// Makes a new signing key and forgets those that were replaced a day ago. Answers the new key's id.
    ///
    /// # Errors
    /// When there is no key that could be replaced, which is then another directory than the portal's, or it cannot be written.
    pub fn rotate(directory: &Path, now: Time) -> Result<String, KeyError> {
        let before = if directory.is_dir() { key_files(directory)? } else { Vec::new() };
        if before.is_empty() {
            return Err(KeyError::NoKeys(directory.to_owned()));
        }
        let kid = create_key(directory, now)?;
        // A key was replaced when the next one was made.
        for pair in before.windows(2) {
            let replaced_millis = pair[1].made_at_millis;
            if now.and_utc().timestamp_millis() - replaced_millis > KEPT_AFTER_ROTATION_HOURS * 3_600_000 {
                fs::remove_file(&pair[0].path).map_err(at(&pair[0].path))?;
            }
        }
        Ok(kid)
    }
}

struct KeyFile {
    made_at_millis: i64,
    path: PathBuf,
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> KeyError {
    move |error| KeyError::File { path: path.to_owned(), error }
}

/// The key files, oldest first.
fn key_files(directory: &Path) -> Result<Vec<KeyFile>, KeyError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(at(directory))? {
        let path = entry.map_err(at(directory))?.path();
        if path.extension().is_none_or(|extension| extension != EXTENSION) {
            continue;
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let made_at_millis = stem.split('-').next().and_then(|millis| millis.parse().ok());
        let made_at_millis = made_at_millis.ok_or_else(|| KeyError::NotAKey(path.clone()))?;
        files.push(KeyFile { made_at_millis, path });
    }
    files.sort_by(|a, b| (a.made_at_millis, &a.path).cmp(&(b.made_at_millis, &b.path)));
    Ok(files)
}

fn read_ring(directory: &Path, now: Time) -> Result<KeyRing, KeyError> {
    let settled_before = now.and_utc().timestamp_millis() - SETTLING_MILLIS;
    let mut verifying = HashMap::new();
    let mut published = Vec::new();
    let mut signing = None;
    for file in key_files(directory)? {
        let pkcs8 = match fs::read(&file.path) {
            Ok(pkcs8) => pkcs8,
            // Another process has just rotated it away.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(at(&file.path)(error)),
        };
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| KeyError::NotAKey(file.path.clone()))?;
        let encoding = EncodingKey::from_ed_der(&pkcs8);
        let (kid, jwk) = public_jwk(&encoding)?;
        verifying.insert(kid.clone(), DecodingKey::from_jwk(&jwk).map_err(|_| KeyError::Crypto)?);
        published.push(jwk);
        // The newest that has settled; of a portal that is only just starting, the first.
        if signing.is_none() || file.made_at_millis <= settled_before {
            signing = Some(SigningKey { kid, pair });
        }
    }
    let signing = signing.ok_or(KeyError::Crypto)?;
    Ok(KeyRing { signing, verifying, published: JwkSet { keys: published } })
}

/// The public half, named by its RFC 7638 thumbprint.
fn public_jwk(key: &EncodingKey) -> Result<(String, Jwk), KeyError> {
    let mut jwk = Jwk::from_encoding_key(key, Algorithm::EdDSA).map_err(|_| KeyError::Crypto)?;
    let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| KeyError::Crypto)?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok((kid, jwk))
}

fn create_key(directory: &Path, now: Time) -> Result<String, KeyError> {
    let random = aws_lc_rs::rand::SystemRandom::new();
    // The first version of PKCS #8, which leaves the public key out: jsonwebtoken knows Ed25519 by this length.
    let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&random).map_err(|_| KeyError::Crypto)?;
    let (kid, _) = public_jwk(&EncodingKey::from_ed_der(pkcs8.as_ref()))?;
    let name = format!("{:015}-{kid}.{EXTENSION}", now.and_utc().timestamp_millis());
    read_or_create(&directory.join(name), pkcs8.as_ref())?;
    Ok(kid)
}

/// Writes `content` to a new file that only we may read, all of it or nothing; if there is one already, reads that. Two
/// processes that start at the same moment so agree on one content.
fn read_or_create(path: &Path, content: &[u8]) -> Result<Vec<u8>, KeyError> {
    if !path.exists() {
        let draft = path.with_extension(format!("{}.tmp", uuid::Uuid::from_bytes(random_bytes())));
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)
            .map_err(at(&draft))?;
        file.write_all(content).and_then(|()| file.sync_all()).map_err(at(&draft))?;
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft).map_err(at(&draft))?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(at(path)(error)),
            _ => {}
        }
    }
    fs::read(path).map_err(at(path))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn keys_are_made_once_and_only_we_may_read_them() {
        let directory = tempfile::tempdir().unwrap();
        let first = Keys::open(directory.path(), &Clock::default()).unwrap();
        let second = Keys::open(directory.path(), &Clock::default()).unwrap();
        assert_eq!(first.ring().signing().kid(), second.ring().signing().kid());
        for entry in fs::read_dir(directory.path()).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_rotation_reaches_a_running_process_and_old_keys_go_after_a_day() {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::default();
        let keys = Keys::open(directory.path(), &clock).unwrap();
        let old = keys.ring().signing().kid().to_owned();
        clock.advance(std::time::Duration::from_secs(2));
        let new = Keys::rotate(directory.path(), clock.now()).unwrap();
        let ring = keys.reloaded();
        assert!(ring.verifying(&new).is_some(), "the new key verifies at once");
        assert_eq!(
            ring.signing().kid(),
            old,
            "another process may have looked just before the new key was made"
        );
        clock.advance(std::time::Duration::from_secs(6));
        let ring = keys.reloaded();
        assert_eq!(ring.signing().kid(), new);
        assert!(ring.verifying(&old).is_some(), "the old key still verifies");
        clock.advance(std::time::Duration::from_secs(25 * 3600));
        Keys::rotate(directory.path(), clock.now()).unwrap();
        assert!(keys.reloaded().verifying(&old).is_none(), "a day after its replacement it is gone");
        assert!(keys.ring().verifying(&new).is_some());
    }
}
