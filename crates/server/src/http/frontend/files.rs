//! The folder of the built app, read once. A path that the folder did not have at the start leads nowhere, whatever dots
//! are in it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use actix_web::http::header::ContentEncoding;
use actix_web::web::Bytes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::policy;

/// What the build writes beside a file, for browsers that take it: the smallest first.
const PACKED: [(&str, ContentEncoding); 2] = [("br", ContentEncoding::Brotli), ("gz", ContentEncoding::Gzip)];

/// A name with a hash in it never gets other content.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// Ask each time; the answer is mostly that nothing has changed.
const ASK: &str = "no-cache";

/// Hashes of builds have 64 bits or more. Fewer digits may be a date in an icon's name.
const HASH_DIGITS: usize = 12;

/// Why the app cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum FrontendError {
    /// It is not a built app.
    #[error("{0} has no index.html: it must be the folder that `trunk build --release` has written")]
    NoIndex(PathBuf),
    /// The folder cannot be read.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
}

/// The built app, in memory: it is small, and no request waits for a disk.
#[derive(Debug)]
pub struct Frontend {
    files: HashMap<String, Served>,
    index: Served,
}

/// A file, ready to be sent.
#[derive(Debug)]
pub(super) struct Served {
    /// Its kind.
    pub(super) content_type: String,
    /// How long browsers keep it.
    pub(super) cache: &'static str,
    /// What a page may do.
    pub(super) policy: Option<String>,
    /// As it is.
    pub(super) plain: Form,
    /// As it was packed by the build.
    pub(super) forms: Vec<Form>,
}

/// One form of a file.
#[derive(Debug)]
pub(super) struct Form {
    /// How it is packed.
    pub(super) encoding: ContentEncoding,
    /// Names exactly these bytes.
    pub(super) etag: String,
    /// These bytes.
    pub(super) bytes: Bytes,
}

impl Frontend {
    /// Reads the folder.
    ///
    /// # Errors
    /// When it cannot be read, or has no `index.html`.
    pub fn read(folder: &Path) -> Result<Self, FrontendError> {
        if !folder.join("index.html").is_file() {
            return Err(FrontendError::NoIndex(folder.to_owned()));
        }
        let mut found = HashMap::new();
        collect(folder, "", &mut found)?;
        let mut packed = HashMap::new();
        for name in found.keys() {
            let forms = PACKED.iter().filter_map(|(suffix, encoding)| {
                let bytes = found.get(&format!("{name}.{suffix}"))?;
                Some(Form::new(*encoding, bytes.clone()))
            });
            packed.insert(name.clone(), forms.collect::<Vec<_>>());
        }
        let is_packed_form = |name: &str| {
            let plain = PACKED.iter().find_map(|(suffix, _)| name.strip_suffix(suffix)?.strip_suffix('.'));
            plain.is_some_and(|plain| found.contains_key(plain))
        };
        let files = found.iter().filter(|(name, _)| !is_packed_form(name)).map(|(name, bytes)| {
            let forms = packed.remove(name).unwrap_or_default();
            (name.clone(), Served::new(name, bytes.clone(), forms))
        });
        let mut files: HashMap<_, _> = files.collect();
        match files.remove("index.html") {
            Some(index) => Ok(Self { files, index }),
            None => Err(FrontendError::NoIndex(folder.to_owned())),
        }
    }

    /// The file of this name.
    pub(super) fn file(&self, name: &str) -> Option<&Served> {
        if name == "index.html" { Some(&self.index) } else { self.files.get(name) }
    }

    /// The page that is the app.
    pub(super) const fn index(&self) -> &Served {
        &self.index
    }
}

impl Served {
    fn new(name: &str, bytes: Bytes, forms: Vec<Form>) -> Self {
        let kind = mime_guess::from_path(name).first_or_octet_stream();
        let is_page = kind == mime_guess::mime::TEXT_HTML;
        let charset = if kind.type_() == mime_guess::mime::TEXT { "; charset=utf-8" } else { "" };
        Self {
            content_type: format!("{kind}{charset}"),
            cache: if has_hash(name) { FOREVER } else { ASK },
            policy: is_page.then(|| policy::of(&String::from_utf8_lossy(&bytes))),
            plain: Form::new(ContentEncoding::Identity, bytes),
            forms,
        }
    }
}

impl Form {
    fn new(encoding: ContentEncoding, bytes: Bytes) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
        Self { encoding, etag: URL_SAFE_NO_PAD.encode(digest.as_ref()), bytes }
    }
}

/// Reads the files below a folder under their paths. What is hidden is nobody's business, and a link to a folder may lead
/// round in a circle.
fn collect(folder: &Path, prefix: &str, found: &mut HashMap<String, Bytes>) -> Result<(), FrontendError> {
    let failed = |error| FrontendError::Io(folder.to_owned(), error);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        let (path, name) = (entry.path(), format!("{prefix}{name}"));
        if entry.file_type().map_err(failed)?.is_dir() {
            collect(&path, &format!("{name}/"), found)?;
        } else if path.is_file() {
            let bytes = fs::read(&path).map_err(|error| FrontendError::Io(path, error))?;
            found.insert(name, bytes.into());
        }
    }
    Ok(())
}

/// Whether the build has put a hash of the content into the name, as in `app-7ac38cf1a6bb0e29_bg.wasm`.
fn has_hash(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or_default();
    name.split(['-', '_', '.']).any(|part| {
        part.len() >= HASH_DIGITS && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_told_from_a_word_and_a_date() {
        for name in ["app-7ac38cf1a6bb0e29.js", "app-7ac38cf1a6bb0e29_bg.wasm", "icons/logo.1d2e3f4a5b6c.svg"]
        {
            assert!(has_hash(name), "{name}");
        }
        // A snippet's folder names its package; the file in it may change.
        for name in ["index.html", "icon-20261124.png", "cafe.js", "snippets/app-7ac38cf1a6bb0e29/inline0.js"]
        {
            assert!(!has_hash(name), "{name}");
        }
    }
}
