//! `adit run`, from outside: its first line, its exit codes, its messages.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};

use adit::simulate::cassette::Cassette;

use crate::support::program::Program;

const DEFINITION: &str = r#"<Protocol xmlns="http://www.skyline.be/protocol">
    <Name>House</Name>
    <Version>1.0.0.1</Version>
    <Type>virtual</Type>
</Protocol>"#;

/// A folder with a definition, and commands that see no other data folder.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("protocol.xml"), DEFINITION).unwrap();
        Self { folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn adit(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_adit"));
        command.arg("run").args(arguments).args(["--listen", "127.0.0.1:0"]);
        command
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("XDG_DATA_HOME", self.file("data"));
        command
    }

    /// Runs to its end, which comes by itself.
    fn end(&self, arguments: &[&str]) -> Output {
        self.adit(arguments).output().unwrap()
    }

    /// What is told on stderr by a command that cannot be used; on stdout there is nothing.
    fn unusable(&self, arguments: &[&str]) -> String {
        let output = self.end(arguments);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
        told.replace(&self.folder.path().display().to_string(), "FOLDER")
    }
}

#[cfg(unix)]
#[test]
fn the_first_line_names_the_address_and_a_signal_ends_it_with_0() {
    let place = Place::new();
    let running = Program::start(&mut place.adit(&["protocol.xml", "--store", "memory"]));
    let first = running.line();
    let port = first.strip_prefix("listening on http://127.0.0.1:").unwrap();
    assert_ne!(port.parse::<u16>().unwrap(), 0);
    assert_eq!(running.end("-TERM"), Some(0));
}

#[cfg(unix)]
#[test]
fn a_recording_is_a_har_file_from_its_beginning_and_only_for_its_owner() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let running = Program::start(&mut place.adit(&["protocol.xml", "--store", "memory", "--record", "x.har"]));
    running.line();
    let file = place.file("x.har");
    let har: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(
        (&har["log"]["version"], &har["log"]["entries"]),
        (&"1.2".into(), &serde_json::json!([]))
    );
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(running.end("-TERM"), Some(0));
    assert!(
        Cassette::parse(&fs::read_to_string(&file).unwrap())
            .unwrap()
            .exchanges
            .is_empty()
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_single_element_has_a_store_of_its_own_in_the_data_folder() {
    let place = Place::new();
    let running = Program::start(&mut place.adit(&["protocol.xml", "--name", "One/1"]));
    running.line();
    assert_eq!(running.end("-TERM"), Some(0));
    assert!(place.file("data/adit/one%2F1.sqlite").is_file());
}

#[test]
fn err_an_address_in_use() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_adit"));
    command.args(["run", "protocol.xml", "--store", "memory", "--listen", &address]);
    let output = command.current_dir(place.folder.path()).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap().replace(&address, "ADDRESS");
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(told, @"adit: cannot listen on ADDRESS (give another address with --listen; port 0 picks a free one): Address already in use (os error 98)");
}

#[test]
fn err_a_definition_that_cannot_run() {
    let place = Place::new();
    fs::write(place.file("other.xml"), "not a definition").unwrap();
    insta::assert_snapshot!(place.unusable(&["missing.xml", "--store", "memory"]), @"adit: missing.xml cannot be read: there is no such file; check the path");
    let told = place.unusable(&["other.xml", "--store", "memory"]);
    assert!(told.starts_with("other.xml:1:1: error "), "{told}");
    assert!(
        told.ends_with("adit: other.xml is not a definition that can run\n"),
        "{told}"
    );
}

#[test]
fn err_a_store_that_another_process_has() {
    let place = Place::new();
    let arguments = ["protocol.xml", "--store", "kept.sqlite"];
    let running = Program::start(&mut place.adit(&arguments));
    running.line();
    insta::assert_snapshot!(place.unusable(&arguments), @"adit: FOLDER/kept.sqlite is in use by another program, perhaps another adit: stop that one, or give another store");
}

#[test]
fn err_what_cannot_be_planned() {
    let place = Place::new();
    let element = "[[element]]\nname = \"a\"\nprotocol = \"protocol.xml\"\n";
    fs::write(place.file("empty.toml"), "").unwrap();
    fs::write(place.file("colour.toml"), format!("{element}colour = \"red\"\n")).unwrap();
    fs::write(
        place.file("connection.toml"),
        format!("{element}[[element.connection]]\nport = 1\n[[element.connection]]\nport = 2\n"),
    )
    .unwrap();
    let cases = [
        &["protocol.xml", "--store", "memory", "--record", "missing/x.har"][..],
        &["protocol.xml", "--store", "memory", "--set", "Nothing=x"],
        &["--config", "missing.toml"],
        &["--config", "empty.toml"],
        &["--config", "colour.toml"],
        &["--config", "connection.toml"],
    ];
    insta::assert_snapshot!(cases.map(|arguments| place.unusable(arguments)).concat(), @r"
    adit: missing/x.har cannot be written: No such file or directory (os error 2)
    adit: a set: House has no parameter `Nothing`
    adit: missing.toml cannot be read: No such file or directory (os error 2)
    adit: there is no element to run: the agent file has no [[element]]
    adit: colour.toml:4:1: unknown field `colour`, expected one of `id`, `name`, `protocol`, `element_timeout`, `slow_poll`, `ping_interval`, `alarm_template`, `read_only`, `trend_template`, `connection`, `read_folders`, `set`
    adit: a: 2 connections are set up, but protocol.xml has 1
    ");
}
