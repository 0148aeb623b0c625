//! `adit replay`, from outside: its trace, its exit codes, its messages.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

const OPSGENIE: [&str; 3] = [
    "protocol/opsgenie/protocol.xml",
    "--cassette",
    "fixtures/cassettes/opsgenie.har",
];

/// What a command line gives: its exit code, stdout, and stderr marked.
fn adit(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_adit"));
    command
        .arg("replay")
        .args(arguments)
        .env_remove("ADIT_LOG")
        .envs(environment.iter().copied());
    let output = command.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let stderr: String = stderr
        .lines()
        .map(|line| format!("{}\n", format!("! {line}").trim_end()))
        .collect();
    format!(
        "{}{stderr}= {}\n",
        String::from_utf8(output.stdout).unwrap(),
        output.status.code().unwrap()
    )
}

fn opsgenie(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    adit(&[&OPSGENIE, arguments].concat(), environment)
}

/// A definition of one parameter with a range, which polls once, and has a fault.
fn faulty(folder: &tempfile::TempDir) -> String {
    let definition = r#"<Protocol xmlns="http://www.skyline.be/protocol">
<Name>Faulty</Name><Version>1.0.0.1</Version><Type>http</Type>
<Params><Param id="10"><Name>Level</Name><Description>Level</Description><Type>write</Type>
<Interprete><RawType>other</RawType><Type>double</Type><LengthType>next param</LengthType></Interprete>
<Display><RTDisplay>true</RTDisplay><Range><Low>0</Low><High>10</High></Range></Display>
<Measurement><Type>number</Type></Measurement></Param></Params>
<HTTP><Session id="1"><Connection id="1"><Request verb="GET" url="/status"/><Response statusCode="99"/></Connection></Session></HTTP>
<Groups><Group id="1"><Name>G</Name><Description>G</Description><Content><Session>1</Session></Content></Group></Groups>
<Timers><Timer id="1"><Name>T</Name><Time initial="true">3600000</Time><Interval>0</Interval><Content><Group>1</Group></Content></Timer></Timers>
</Protocol>"#;
    let file = folder.path().join("protocol.xml");
    fs::write(&file, definition).unwrap();
    file.display().to_string()
}

#[test]
fn the_opsgenie_element_shows_teams_and_confirms_a_message() {
    let told = opsgenie(
        &[
            "--for",
            "11500ms",
            "--trace",
            "text",
            "--set",
            "1s@ApiKey=GenieKey 0ad17000-0000-4000-8000-000000000000",
            "--set",
            r#"10s@Message={"op":"create","id":"m-1","alias":"encoder-7","message":"No input"}"#,
        ],
        &[],
    );
    insta::assert_snapshot!(told);
}

#[test]
fn the_same_arguments_give_the_same_bytes_in_every_place() {
    let arguments = [
        "--for",
        "2h",
        "--set",
        "1s@ApiKey=GenieKey 0ad17000-0000-4000-8000-000000000000",
    ];
    let first = opsgenie(&arguments, &[]);
    assert!(first.contains("OK: 2 teams"), "the second poll has the second answer");
    for environment in [
        [("TZ", "Asia/Tokyo"), ("LANG", "C")],
        [("TZ", "America/Lima"), ("LANG", "de_DE.UTF-8")],
    ] {
        assert_eq!(opsgenie(&arguments, &environment), first);
    }
}

#[test]
fn a_definition_with_faults_runs_as_far_as_it_can_and_what_went_wrong_is_on_stderr() {
    let folder = tempfile::tempdir().unwrap();
    let told = adit(
        &[
            &faulty(&folder),
            "--for",
            "10s",
            "--host",
            "h",
            "--set",
            "5s@Level=11",
            "--set",
            "6s@10=7",
            "--set",
            "11s@Level=1",
        ],
        &[],
    );
    insta::assert_snapshot!(told.replace(&folder.path().display().to_string(), "FOLDER"));
}

#[test]
fn err_arguments_and_files_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let definition = faulty(&folder);
    let not_har = folder.path().join("not.har");
    fs::write(&not_har, "<html>").unwrap();
    let empty = folder.path().join("empty.xml");
    fs::write(&empty, "").unwrap();
    let (not_har, empty) = (not_har.display().to_string(), empty.display().to_string());
    let cases = [
        &["missing.xml"][..],
        &[&empty],
        &[&definition, "--cassette", "missing.har"],
        &[&definition, "--cassette", &not_har],
        &[&definition, "--set", "Nothing=s3cret"],
        &[&definition, "--set", "s3cret"],
        &[&definition, "--for", "1d"],
    ];
    let told: Vec<String> = cases.iter().map(|arguments| adit(arguments, &[])).collect();
    // Its findings are the same each time.
    let lines = told
        .iter()
        .flat_map(|told| told.lines())
        .filter(|line| !line.contains("protocol.xml:"));
    let told: Vec<&str> = lines.collect();
    insta::assert_snapshot!(told.join("\n").replace(&folder.path().display().to_string(), "FOLDER"), @r"
    ! adit: missing.xml cannot be read: there is no such file; check the path
    = 2
    ! FOLDER/empty.xml:1:1: error E001: the file has no element
    ! adit: FOLDER/empty.xml is not a definition that can run
    = 2
    ! adit: missing.har cannot be read: No such file or directory (os error 2)
    = 2
    ! adit: FOLDER/not.har cannot be used: it is not a HAR file: expected value at line 1 column 1
    = 2
    ! adit: --set: Faulty has no parameter `Nothing`
    = 2
    ! adit: --set cannot be used: a set is written PARAM=VALUE
    = 2
    ! error: invalid value '1d' for '--for <DURATION>': `1d` is no duration: write 500ms, 10s, 5m or 24h
    !
    ! For more information, try '--help'.
    = 2
    ");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_adit"));
    command
        .arg("replay")
        .args(OPSGENIE)
        .args(["--for", "1000000h", "--set", "ApiKey=x"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    assert_eq!(first, "{\"at\":0,\"kind\":\"state\",\"state\":\"active\"}\n");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_ports_of_the_definition_stay_and_the_host_is_that_of_the_cassette() {
    let folder = tempfile::tempdir().unwrap();
    let definition = r#"<Protocol xmlns="http://www.skyline.be/protocol">
<Name>Ports</Name><Version>1.0.0.1</Version><Type advanced="http:Second;http:Third">http</Type>
<PortSettings name="First"><IPport><DefaultValue>80</DefaultValue></IPport></PortSettings>
<Ports>
<PortSettings name="Second"><IPport><DefaultValue>81</DefaultValue></IPport><Retries><DefaultValue>0</DefaultValue></Retries></PortSettings>
<PortSettings name="Third"><IPport><DefaultValue>8443</DefaultValue></IPport></PortSettings>
</Ports>
<HTTP><Session id="1"><Connection id="1"><Request verb="GET" url="/status"/></Connection></Session></HTTP>
<Groups>
<Group id="1"><Name>A</Name><Description>A</Description><Content><Session>1</Session></Content></Group>
<Group id="2" connection="1"><Name>B</Name><Description>B</Description><Content><Session>1</Session></Content></Group>
<Group id="3" connection="2"><Name>C</Name><Description>C</Description><Content><Session>1</Session></Content></Group>
</Groups>
<Timers><Timer id="1"><Name>T</Name><Time initial="true">3600000</Time><Interval>0</Interval>
<Content><Group>1</Group><Group>2</Group><Group>3</Group></Content></Timer></Timers>
</Protocol>"#;
    let entry = |url: &str| {
        format!(r#"{{"time":0,"request":{{"method":"GET","url":"{url}"}},"response":{{"status":200,"headers":[]}}}}"#)
    };
    let urls = ["http://device.example:8080/status", "https://other.example:8443/status"];
    let cassette = format!(
        r#"{{"log":{{"version":"1.2","entries":[{}]}}}}"#,
        urls.map(entry).join(",")
    );
    let [protocol, har] = ["protocol.xml", "c.har"].map(|name| folder.path().join(name));
    fs::write(&protocol, definition).unwrap();
    fs::write(&har, cassette).unwrap();
    let told = adit(
        &[
            protocol.to_str().unwrap(),
            "--cassette",
            har.to_str().unwrap(),
            "--for",
            "1s",
        ],
        &[],
    );
    let urls: Vec<&str> = told
        .lines()
        .filter_map(|line| Some(line.split_once(r#""url":""#)?.1.split_once('"')?.0))
        .collect();
    let expected = [
        "http://device.example:8080/status",
        "http://device.example:81/status",
        "https://other.example:8443/status",
    ];
    assert_eq!(urls, expected, "{told}");
}
