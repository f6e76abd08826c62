//! The standard library, compiled along with the browser app instead of taken as it comes: for its size, and without
//! the messages of panics, which no browser shows. Decision 13 says what that costs.
//!
//! Cargo does not call it stable. The toolchain is pinned, so what works today works tomorrow, and it is asked for in
//! this one build: `trunk build` does without, and makes a larger app.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{Interrupts, run};
use crate::tools::{WASM, answer, cargo, on_path, root};

/// For the compiler: a panic stops the app where it happens.
pub(super) const FLAGS: [&str; 2] = ["-Zunstable-options", "-Cpanic=immediate-abort"];

/// For cargo, and for the compilers that it calls.
const VARIABLES: [(&str, &str); 3] = [
    // What is not stable is allowed.
    ("RUSTC_BOOTSTRAP", "1"),
    ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"),
    ("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size"),
];

/// Lets a command, and every cargo that it calls, compile the standard library along.
pub(super) fn compiled_along<'a>(
    command: &'a mut Command,
    interrupts: &Interrupts,
) -> Result<&'a mut Command> {
    require_source(interrupts)?;
    // It has dependencies of its own, and the app is built offline. Those of a target are fetched only when it is named.
    run(cargo().args(["fetch", "--locked", "--quiet"]), interrupts)?;
    run(cargo().args(["fetch", "--locked", "--quiet", "--target", WASM]).envs(VARIABLES), interrupts)?;
    Ok(command.envs(VARIABLES))
}

/// Where its source is, or would be.
pub(super) fn source() -> Result<PathBuf> {
    let toolchain = answer("rustc", &["--print", "sysroot"]).context("rustc does not say where it is")?;
    Ok(Path::new(&toolchain).join("lib/rustlib/src/rust"))
}

/// Installs the source by rustup if the toolchain has it not.
fn require_source(interrupts: &Interrupts) -> Result<()> {
    if source()?.join("library/Cargo.lock").is_file() {
        return Ok(());
    }
    if on_path("rustup").is_none() {
        bail!(
            "Rust's component rust-src is missing, and so is rustup, which would install it: https://rustup.rs"
        );
    }
    println!("Rust's component rust-src is missing; installing it ...");
    run(Command::new("rustup").args(["component", "add", "rust-src"]).current_dir(root()), interrupts)
}
