//! Reads the texts in `locales/` and writes the code that knows them. What is missing or too much in one language
//! does not build.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use leptos_i18n_parser::parse_locales::options::{Config, ParseOptions};

const PARTS: [&str; 8] = ["common", "errors", "auth", "account", "firm", "activity", "security", "programs"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=locales");
    let mut config = Config::new("en")?.add_locale("es")?.add_namespaces(PARTS)?;
    config.options = ParseOptions::default().interpolate_display(true);
    let parsed = leptos_i18n_parser::parse_locales::parse_locales(Some(PathBuf::from(".")), config)?;
    let mut complaints: Vec<String> = parsed.diag.errors().iter().map(ToString::to_string).collect();
    complaints.extend(parsed.diag.warnings().iter().map(ToString::to_string));
    if !complaints.is_empty() {
        return Err(complaints.join("\n").into());
    }
    let code = leptos_i18n_codegen::gen_code(&parsed, None, true, None, false)?;
    #[expect(clippy::disallowed_methods, reason = "how cargo speaks to a build script")]
    let folder = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    fs::write(PathBuf::from(folder).join("texts.rs"), code.to_string())?;
    Ok(())
}
