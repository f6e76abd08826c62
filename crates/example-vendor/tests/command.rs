//! The program says what it needs. (That there is such a test makes cargo build the program along with the tests; the server's
//! test of `docs/INTEGRATING.md` runs it.)

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_example-vendor"));
    command.args(arguments).env_clear().output().expect("the program runs")
}

#[test]
fn every_command_explains_itself_and_shows_no_secret() {
    for command in ["provision", "serve"] {
        let help = run(&[command, "--help"]);
        let text = String::from_utf8(help.stdout).expect("text");
        assert!(help.status.success() && text.contains("VENDOR_OPERATOR_KEY"), "{text}");
        let lacking = run(&[command]);
        assert!(!lacking.status.success(), "nothing works without a key");
    }
}

#[test]
fn a_portal_that_is_not_there_is_one_sentence() {
    // Port 9 takes nothing on this machine.
    let failed = run(&["provision", "--portal-url", "http://127.0.0.1:9", "--operator-key", "opk_x"]);
    let complaint = String::from_utf8(failed.stderr).expect("text");
    assert!(!failed.status.success());
    assert_eq!(complaint, "error: Silver Spoon Café: the portal cannot be reached\n");
}
