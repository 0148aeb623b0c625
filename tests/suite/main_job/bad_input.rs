//! What cannot be used: definitions, arguments, values, messages, addresses, stores. Each has a clear error, an exit
//! code or a status, and nothing is lost.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use serde_json::json;

use super::api::is_one;
use super::platform::Site;
use super::running::{DEFINITION, Place};

/// What a command that cannot be used says on stderr, with the folder's name left out; it exits with 2, says nothing on
/// stdout, and no part of a text in it that may be a secret.
async fn unusable(place: &Place, mut command: Command) -> String {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
    assert!(!told.contains("panicked"), "{told}");
    // What is found in the definition itself comes first; it is not the reason.
    let told: Vec<&str> = told
        .lines()
        .filter(|line| !line.contains(": info ") && !line.contains(": warning "))
        .collect();
    let folder = place.file("").display().to_string();
    told.join("\n")
        .replace(&folder, "FOLDER/")
        .replace(DEFINITION, "DEFINITION")
}

#[tokio::test]
async fn err_a_definition_that_cannot_be_read_is_exit_code_2() {
    let place = Place::new();
    let expanding = r#"<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Protocol><Name>&b;</Name></Protocol>"#;
    let cases = [
        ("no.xml", "this is no XML".to_owned()),
        (
            "cut.xml",
            "<Protocol>\n\t<Name>A</Name>\n\t<Params>\n\t\t<Par".to_owned(),
        ),
        ("other.xml", "<html/>".to_owned()),
        ("empty.xml", String::new()),
        ("doctype.xml", expanding.to_owned()),
        ("deep.xml", "<Protocol>".to_owned() + &"<a>".repeat(20_000)),
    ];
    let mut told = Vec::new();
    for (name, text) in cases {
        fs::write(place.file(name), text).unwrap();
        told.push(unusable(&place, place.run(name)).await);
    }
    fs::write(place.file("binary.xml"), [0xff, 0xfe, 0x00, 0x80]).unwrap();
    for name in ["binary.xml", "missing.xml", "."] {
        told.push(unusable(&place, place.run(name)).await);
    }
    insta::assert_snapshot!(told.join("\n\n"));
}

#[tokio::test]
async fn err_arguments_that_cannot_be_used_are_exit_code_2() {
    let place = Place::new();
    let mut told = Vec::new();
    for arguments in [
        &["--set", "NoSuchParameter=1"][..],
        &["--set", "a secret without an equals sign"],
        &["--ca", "missing.pem"],
        &["--timeout", "1h"],
        &["--retries", "99"],
        &["--port", "99999"],
        &["--config", "adit.toml"],
    ] {
        let mut command = place.run(DEFINITION);
        command.args(arguments);
        let text = unusable(&place, command).await;
        assert!(!text.contains("secret"), "{text}");
        told.push(text);
    }
    insta::assert_snapshot!(told.join("\n\n"));
}

#[tokio::test]
async fn err_a_planned_set_that_is_refused_ends_the_run() {
    let (place, site) = (Place::new(), Site::up().await);
    let mut command = place.element(site.port);
    command.args(["--set", "TeamsPollInterval=1"]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    insta::assert_snapshot!(told.lines().last().unwrap(), @"adit: Opsgenie: TeamsPollInterval was not set: TeamsPollInterval (25) takes 10 to 86400, not 1");
}

#[tokio::test]
async fn err_an_address_or_a_store_that_is_taken_is_exit_code_2() {
    let (place, site) = (Place::new(), Site::up().await);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_adit"));
    command.args(["run", DEFINITION, "--store", "memory", "--listen", &address]);
    let mut told = vec![unusable(&place, command).await.replace(&address, "ADDRESS")];

    let running = place.start(place.element(site.port)).await;
    running
        .api
        .send(&json!({"op": "create", "id": "kept", "alias": "a", "alert": {"message": "m"}}))
        .await;
    told.push(unusable(&place, place.run(DEFINITION)).await);
    // The first one is unharmed.
    let rows = running.api.operations().await;
    assert_eq!(rows[0]["MessageID"], "kept");
    drop(running);

    fs::write(place.file("file"), "").unwrap();
    fs::create_dir(place.file("folder")).unwrap();
    fs::write(
        place.file("text"),
        "this is no store, but it is longer than a header is. ".repeat(20),
    )
    .unwrap();
    for store in ["file/store.sqlite", "folder", "text", "missing/store.sqlite"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_adit"));
        command.args(["run", DEFINITION, "--listen", "127.0.0.1:0", "--store"]);
        command.arg(place.file(store));
        told.push(unusable(&place, command).await);
    }
    assert!(
        fs::read_to_string(place.file("text"))
            .unwrap()
            .starts_with("this is no store")
    );
    insta::assert_snapshot!(told.join("\n\n"));
}

#[tokio::test]
async fn err_values_that_are_not_allowed_are_refused_and_change_nothing() {
    let (place, site) = (Place::new(), Site::up().await);
    let running = place.start(place.element(site.port)).await;
    let api = &running.api;
    let mut told = Vec::new();
    for (parameter, value) in [
        ("TeamsPollInterval", json!(5)),
        ("TeamsPollInterval", json!(15)),
        ("TeamsPollInterval", json!("soon")),
        ("ParallelSends", json!(17)),
        ("KeepCompleted", json!(-1)),
        ("KeepCompleted", json!(null)),
        ("ClearTable", json!(2)),
        ("ClearTable", json!("Clear")),
        ("QueueStatus", json!("Running")),
        ("NoSuchParameter", json!(1)),
        ("OpsgenieTeams", json!(1)),
        ("KeepCompleted", json!([1])),
    ] {
        let (status, answer) = api.put(parameter, value.clone()).await.unwrap();
        told.push(format!(
            "{parameter} = {value}: {status} {}",
            answer["detail"].as_str().unwrap()
        ));
    }
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(api.shown("ParallelSends").await, "4");
    assert_eq!(api.get("/api/elements/1/parameters/KeepCompleted").await["value"], 10.0);
}

#[tokio::test]
async fn err_a_message_that_is_none_is_a_row_in_error_with_the_reason() {
    let (place, site) = (Place::new(), Site::up().await);
    let running = place.start(place.element_with_key(site.port)).await;
    let api = &running.api;
    let mut told = Vec::new();
    for text in [
        "no JSON",
        "{\"op\": \"create\"",
        "[]",
        "42",
        "{}",
        r#"{"op": "explode", "alias": "a"}"#,
        r#"{"op": "create", "alert": {"alias": "a"}}"#,
        r#"{"op": "close"}"#,
        r#"[{"message": "good"}, {"op": "addNote", "alias": "a"}]"#,
    ] {
        api.set("Message", text).await;
        let rows = api.until_operations(is_one("Error")).await;
        assert_eq!(rows[0]["Alert"], text);
        told.push(format!("{text}: {}", rows[0]["Result"]));
        api.set("ClearTable", "1").await;
    }
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(site.writes().len(), 0);
}
