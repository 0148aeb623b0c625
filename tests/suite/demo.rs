//! `adit demo`, from outside: the story it tells, and its end.

use std::net::TcpListener;
use std::process::{Command, Output};

use crate::support::program::Program;

fn adit(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_adit"));
    command.args(arguments).env_remove("ADIT_URL").env_remove("ADIT_LOG");
    command
}

/// The address in a line that ends with it.
fn address(line: &str) -> &str {
    line.split_once("http://").unwrap().1
}

#[cfg(unix)]
#[test]
fn a_message_travels_to_the_platform_and_back_while_it_is_told() {
    let demo = Program::start(&mut adit(&[
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--platform",
        "127.0.0.1:0",
    ]));
    let lines = demo.lines_until(|line| line.ends_with("until Ctrl-C."));
    let told = lines.join("\n");
    let (api, platform) = (address(&lines[0]), address(&lines[2]));
    assert_eq!(lines[0], format!("listening on http://{api}"));

    let url = format!("http://{api}");
    let rows = adit(&["table", "Opsgenie", "OpsgenieOperations", "--url", &url])
        .output()
        .unwrap();
    let rows = String::from_utf8(rows.stdout).unwrap();
    let error = "422 Unprocessable Entity: Request body is not processable.";
    assert!(
        rows.lines().count() == 2 && rows.contains("demo-3") && rows.contains(error),
        "{rows}"
    );

    // What is done from another terminal is told too.
    let close = r#"{"op":"close","alias":"encoder-7"}"#;
    let set = adit(&["set", "Opsgenie", "Message", close, "--url", &url])
        .status()
        .unwrap();
    assert!(set.success());
    let closed = demo.lines_until(|line| line.contains("Completed"));
    assert!(
        closed.iter().any(|line| line.contains("close encoder-7")),
        "{closed:#?}"
    );

    let told = told
        .replace(env!("CARGO_BIN_EXE_adit"), "adit")
        .replace(api, "API")
        .replace(platform, "PLATFORM");
    insta::with_settings!({filters => vec![(r" +\d+\.\d s ", "  [time] ")]}, {
        insta::assert_snapshot!(told);
    });
    assert_eq!(demo.end("-INT"), Some(0));
}

#[cfg(unix)]
#[test]
fn it_ends_in_order_in_the_middle_of_the_story() {
    let demo = Program::start(&mut adit(&[
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--platform",
        "127.0.0.1:0",
    ]));
    demo.lines_until(|line| line.contains("Confirming"));
    assert_eq!(demo.end("-TERM"), Some(0));
}

#[test]
fn err_an_address_that_cannot_be_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let told = [
        unusable(&["--listen", &taken, "--platform", "127.0.0.1:0"]),
        unusable(&["--listen", "127.0.0.1:0", "--platform", &taken]),
    ];
    let told = told.concat().replace(&taken, "TAKEN");
    insta::assert_snapshot!(told, @r"
    adit: cannot listen on TAKEN (give another address with --listen; port 0 picks a free one): Address already in use (os error 98)
    adit: cannot listen on TAKEN (give another address with --platform; port 0 picks a free one): Address already in use (os error 98)
    ");
}

#[test]
fn err_an_address_that_other_machines_can_reach() {
    let told = unusable(&["--listen", "0.0.0.0:0", "--platform", "127.0.0.1:0"]);
    assert!(
        told.ends_with("can be reached from other machines: the demonstration stays on this one\n"),
        "{told}"
    );
}

/// What a demonstration that cannot begin tells on stderr; on stdout there is nothing.
fn unusable(arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = adit(&[&["demo"], arguments].concat()).output().unwrap();
    assert_eq!((status.code(), stdout), (Some(2), Vec::new()));
    String::from_utf8(stderr).unwrap()
}
