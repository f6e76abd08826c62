//! Reads the texts in `locales/` and writes what the app knows of them: a constant or a type for each, so that `tr!` of
//! a text that there is not does not compile, and the texts of each language one a line, in the order of those. What is
//! missing or too much in one language does not build.
//!
//! English is compiled in. `texts.mjs` writes the same lines for the other languages into files of the built app, which
//! are loaded by the names that are decided on here.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use leptos_i18n_parser::parse_locales::locale::{BuildersKeys, Namespace};
use leptos_i18n_parser::parse_locales::options::{Config, ParseOptions};
use leptos_i18n_parser::parse_locales::parsed_value::{Literal, ParsedValue};
use leptos_i18n_parser::parse_locales::{ParsedLocales, parse_locales};
use sha2::{Digest, Sha256};

/// The language that is compiled in.
const OWN: &str = "en";
const OTHERS: [&str; 1] = ["es"];

/// What the parser puts before the name of a value.
const PREFIX: &str = "var_";

/// A text of one language: as it is in the file, and what is put into it, in the order of its places.
struct Text {
    line: String,
    values: Vec<String>,
}

/// All texts of one language, by part and key.
type Texts = BTreeMap<(String, String), Text>;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=locales");
    let namespaces = read()?;
    let own = texts_of(OWN, &namespaces)?;
    let mut code = keys(&own)?;
    code.push_str("pub(crate) mod files {\n");
    for language in OTHERS {
        let texts = texts_of(language, &namespaces)?;
        check_values(language, &own, &texts)?;
        let hash: String =
            Sha256::digest(lines(&texts)).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        writeln!(code, "pub(crate) const {language}: &str = \"/texts-{language}-{hash}.txt\";")?;
    }
    code.push_str("}\n");
    #[expect(clippy::disallowed_methods, reason = "how cargo speaks to a build script")]
    let folder = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::write(folder.join("texts.txt"), lines(&own))?;
    fs::write(folder.join("texts.rs"), code)?;
    Ok(())
}

/// What is in the folder, if all languages have the same keys.
fn read() -> Result<Vec<Namespace>, Box<dyn Error>> {
    let mut parts = Vec::new();
    for file in fs::read_dir(PathBuf::from("locales").join(OWN))? {
        parts.push(file?.path().file_stem().ok_or("a part has a name")?.to_string_lossy().into_owned());
    }
    let mut config = Config::new(OWN)?.add_namespaces(parts)?;
    for language in OTHERS {
        config = config.add_locale(language)?;
    }
    config.options = ParseOptions::default();
    let ParsedLocales { builder_keys, diag, .. } = parse_locales(Some(PathBuf::from(".")), config)?;
    let mut complaints: Vec<String> = diag.errors().iter().map(ToString::to_string).collect();
    complaints.extend(diag.warnings().iter().map(ToString::to_string));
    match builder_keys {
        BuildersKeys::NameSpaces { namespaces, .. } if complaints.is_empty() => Ok(namespaces),
        _ => Err(complaints.join("\n").into()),
    }
}

fn texts_of(language: &str, namespaces: &[Namespace]) -> Result<Texts, Box<dyn Error>> {
    let mut texts = Texts::new();
    for part in namespaces {
        for locale in part.locales.iter().filter(|locale| &*locale.name.name == language) {
            for (key, value) in &locale.keys {
                let mut pieces = Vec::new();
                take_apart(value, &mut pieces).ok_or_else(|| {
                    format!("{language}/{}: {} has more than values in it", part.key.name, key.name)
                })?;
                texts.insert((part.key.name.to_string(), key.name.to_string()), put_together(&pieces));
            }
        }
    }
    Ok(texts)
}

enum Piece {
    Words(String),
    Value(String),
}

/// `None` for what this app's texts have not: plurals, ranges, components.
fn take_apart(value: &ParsedValue, pieces: &mut Vec<Piece>) -> Option<()> {
    match value {
        ParsedValue::Literal(Literal::String(words, _)) if !words.contains(['{', '}', '\n']) => {
            pieces.push(Piece::Words(words.clone()));
        }
        ParsedValue::Variable { key, .. } => {
            pieces.push(Piece::Value(key.name.trim_start_matches(PREFIX).to_owned()));
        }
        ParsedValue::Bloc(values) => {
            return values.iter().try_for_each(|value| take_apart(value, pieces));
        }
        _ => return None,
    }
    Some(())
}

/// `{0}` is the place of the value whose name is the first of the alphabet.
fn put_together(pieces: &[Piece]) -> Text {
    let mut values: Vec<String> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Words(_) => None,
            Piece::Value(name) => Some(name.clone()),
        })
        .collect();
    values.sort();
    values.dedup();
    let lines = pieces.iter().map(|piece| match piece {
        Piece::Words(words) => words.clone(),
        Piece::Value(name) => format!("{{{}}}", values.partition_point(|value| value < name)),
    });
    Text { line: lines.collect(), values }
}

fn check_values(language: &str, own: &Texts, others: &Texts) -> Result<(), Box<dyn Error>> {
    for ((part, key), text) in own {
        let other = others.get(&(part.clone(), key.clone()));
        if other.is_none_or(|other| other.values != text.values) {
            return Err(format!("{language}/{part}: {key} has other values than in {OWN}").into());
        }
    }
    Ok(())
}

fn lines(texts: &Texts) -> String {
    texts.values().map(|text| text.line.as_str()).collect::<Vec<_>>().join("\n")
}

/// For a text without values its place, for one with values a type that has them for fields.
fn keys(texts: &Texts) -> Result<String, std::fmt::Error> {
    let mut code = format!("pub(crate) const COUNT: usize = {};\n", texts.len());
    let mut open: Option<&str> = None;
    for (index, ((part, key), Text { values, .. })) in texts.iter().enumerate() {
        if open != Some(part) {
            let close = if open.is_some() { "}\n" } else { "" };
            writeln!(code, "{close}pub(crate) mod {part} {{")?;
            open = Some(part);
        }
        if values.is_empty() {
            writeln!(code, "pub(crate) const {key}: usize = {index};")?;
            continue;
        }
        let fields: String =
            values.iter().map(|name| format!("pub(crate) {name}: &'a dyn std::fmt::Display, ")).collect();
        let given: String = values.iter().map(|name| format!("self.{name}, ")).collect();
        writeln!(
            code,
            "pub(crate) struct {key}<'a> {{ {fields}}}\n\
             impl {key}<'_> {{ pub(crate) fn text(&self) -> String {{ crate::texts::filled({index}, &[{given}]) }} }}"
        )?;
    }
    code.push_str("}\n");
    Ok(code)
}
