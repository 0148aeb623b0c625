//! The client commands of the binary, as a shell sees them: what goes to stdout and stderr, and the exit code.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use adit::api::ApiOptions;
use adit::api::auth::Secret;
use adit::model::id::ParamId;
use adit::model::value::Value;

use crate::support::served::Served;
use crate::support::shown::{device, show};

/// What a command line gives: the line, its exit code, stdout, and stderr marked.
async fn adit(served: &Served, arguments: &[&str], stdin: &str) -> String {
    let url = format!("http://{}", served.address);
    let text = run(arguments, &[("ADIT_URL", &url)], stdin).await;
    text.replace(&url, "[url]")
}

async fn run(arguments: &[&str], environment: &[(&str, &str)], stdin: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_adit"));
    command
        .args(arguments)
        .env_remove("ADIT_URL")
        .env_remove("ADIT_LOG")
        .envs(environment.iter().copied());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let stdin = stdin.to_owned();
    let ran = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().expect("it starts");
        let mut input = child.stdin.take().expect("a pipe");
        // A command that does not read its stdin closes it: then there is nobody to write to.
        let _ = input.write_all(stdin.as_bytes());
        drop(input);
        child.wait_with_output().expect("it ends")
    });
    let output = ran.await.expect("no panic");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    let stderr: String = stderr.lines().map(|line| format!("! {line}\n")).collect();
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    let code = output.status.code().expect("an exit code");
    format!("$ adit {}\n{stdout}{stderr}= {code}\n\n", arguments.join(" "))
}

async fn served() -> Served {
    Served::start(
        vec![device(1, "Device"), device(7, "Other Device")],
        ApiOptions::default(),
    )
    .await
}

#[tokio::test]
async fn elements_values_and_rows_come_in_aligned_columns() {
    let served = served().await;
    let mut text = String::new();
    for arguments in [
        vec!["elements"],
        vec!["get", "device", "Load"],
        vec!["get", "Device", "ApiKey"],
        vec!["get", "Device", "Load", "--json"],
        vec!["get", "Device"],
        vec!["get", "Device", "Jobs", "--row", "a/b", "--column", "State"],
        vec!["table", "Device", "Jobs"],
        vec![
            "table",
            "Device",
            "Jobs",
            "--filter",
            "State!=Done",
            "--sort",
            "Tries:desc",
            "--limit",
            "1",
        ],
        vec!["alarms"],
        vec!["alarms", "Device", "--json"],
    ] {
        text += &adit(&served, &arguments, "").await;
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn a_set_is_silent_and_may_read_its_value_from_stdin() {
    let served = served().await;
    let mut text = adit(&served, &["set", "Device", "Load", "-0.5"], "").await;
    text += &adit(&served, &["get", "Device", "Load"], "").await;
    text += &adit(&served, &["set", "Device", "Message", "-"], "a long\nmessage\n").await;
    text += &adit(&served, &["get", "Device", "Message"], "").await;
    text += &adit(&served, &["set", "Device", "ApiKey", "-", "--json"], "GenieKey x\n").await;
    text += &adit(
        &served,
        &["set", "Device", "Jobs", "--row", "a/b", "--column", "State", "Error"],
        "",
    )
    .await;
    text += &adit(
        &served,
        &["get", "Device", "Jobs", "--row", "a/b", "--column", "State"],
        "",
    )
    .await;
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn err_a_refusal_is_one_line_and_exit_code_1() {
    let served = served().await;
    let mut text = String::new();
    for arguments in [
        vec!["get", "Nobody", "Load"],
        vec!["get", "Device", "Nothing"],
        vec!["get", "Device", "Jobs"],
        vec!["set", "Device", "Load", "refuse range"],
        vec!["table", "Device", "Load"],
        vec!["table", "Device", "Jobs", "--sort", "Nothing"],
        vec!["watch", "Nobody"],
    ] {
        text += &adit(&served, &arguments, "").await;
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn err_unusable_arguments_and_files_are_exit_code_2() {
    let served = served().await;
    let mut text = String::new();
    for arguments in [
        vec!["get"],
        vec!["get", "Device", "Jobs", "--row", "a"],
        vec!["elements", "--url", "not an address"],
        vec!["elements", "--url", "mailto:somebody"],
        vec!["elements", "--token-file", "/nonexistent/token"],
        vec!["frobnicate"],
    ] {
        text += &adit(&served, &arguments, "").await;
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn err_nobody_there_says_what_to_check() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let text = run(&["elements", "--url", &url], &[], "").await;
    assert!(
        text.contains(&format!(
            "! adit: cannot reach {url}/: is adit running there, and is --url right?"
        )),
        "{text}"
    );
    assert!(text.ends_with("= 1\n\n"), "{text}");
}

#[tokio::test]
async fn a_token_is_read_from_its_file() {
    let options = ApiOptions {
        token: Some(Secret::new("let me in")),
        ..ApiOptions::default()
    };
    let served = Served::start(vec![device(1, "Device")], options).await;
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("token");
    std::fs::write(&file, "let me in\n").expect("written");
    let name = file.to_str().expect("UTF-8");
    let with = adit(&served, &["get", "Device", "Load", "--token-file", name], "").await;
    let without = adit(&served, &["get", "Device", "Load"], "").await;
    insta::assert_snapshot!(format!("{}{without}", with.replace(name, "[file]")));
}

#[tokio::test]
async fn every_shell_has_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = run(&["completions", shell], &[], "").await;
        assert!(text.contains("token-file") && text.ends_with("= 0\n\n"), "{shell}");
    }
}

#[tokio::test]
async fn a_closed_pipe_is_no_error() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_adit"));
    command
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[tokio::test]
async fn watch_prints_changes_until_the_server_ends() {
    let element = device(1, "Device");
    let served = Served::start(vec![element.clone()], ApiOptions::default()).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_adit"));
    command.args(["watch", "Device", "--url", &format!("http://{}", served.address)]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let (first, mut has_begun) = tokio::sync::oneshot::channel();
    let watching = tokio::task::spawn_blocking(move || {
        let line = lines.next().expect("a line").expect("UTF-8");
        let _ = first.send(line);
        lines.for_each(drop);
        child.wait_with_output().expect("it ends")
    });
    // It follows from some moment on: the same change is made until the first one has arrived.
    let mut again = tokio::time::interval(Duration::from_millis(5));
    let line = loop {
        tokio::select! {
            line = &mut has_begun => break line.expect("a line"),
            _ = again.tick() => show(&element, ParamId(11), &Value::Number(0.75)),
        }
    };
    assert_eq!(line, "Load = 0.75");
    served.stop().await;
    let output = watching.await.expect("no panic");
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(stderr, "adit: there are no more changes: adit has stopped there\n");
}
