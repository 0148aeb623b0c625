//! Attachments: files beside an alert. Unlike other writes they are done at once, and an alert that does not exist is a
//! 404. The type of the identifier stands in `alertIdentifierType`.

use serde_json::json;

use crate::emulator::opsgenie::action::By;
use crate::emulator::opsgenie::alert::{Alert, Attachment};
use crate::emulator::opsgenie::alerts::{Alerts, Target};
use crate::emulator::opsgenie::answer::Answer;
use crate::emulator::opsgenie::call::Call;
use crate::emulator::opsgenie::route::{AttachmentOperation, Face};
use crate::emulator::opsgenie::writes;

/// How many attachments an alert has.
const MOST: usize = 20;

/// What is asked of the attachments of one alert. `number` makes the id of a new one.
pub(super) fn answer(
    alerts: &mut Alerts,
    call: &Call,
    identifier: &str,
    operation: &AttachmentOperation,
    (number, now): (u64, u64),
) -> Result<Answer, Answer> {
    let target = match call.face() {
        Face::Rest => Target::Id(identifier.to_owned()),
        Face::Opsgenie | Face::Events => writes::target_by(call, "alertIdentifierType", identifier)?,
    };
    let missing = || Answer::error(404, "Alert does not exist");
    let alert = alerts.find(&target).ok_or_else(missing)?;
    match operation {
        AttachmentOperation::List => {
            let shown = |file: &Attachment| json!({ "name": file.name, "id": file.id });
            Ok(Answer::data(alert.attachments.iter().map(shown).collect()))
        }
        AttachmentOperation::Get(id) => {
            let file = found(alert, id)?;
            let url = format!("http://{}/emulator/attachments/{}/{}", call.host, alert.id, file.id);
            Ok(Answer::data(json!({ "name": file.name, "url": url })))
        }
        AttachmentOperation::Add => {
            if alert.attachments.len() >= MOST {
                return Err(Answer::invalid(
                    "file",
                    &format!("should not be more than {MOST} of an alert"),
                ));
            }
            let form = Form::read(call)?;
            let (name, content) = form
                .file
                .ok_or_else(|| Answer::invalid("file", "should not be empty"))?;
            let id = format!("{now}{:06}", number % 1_000_000);
            let shown = json!({ "id": id, "name": name });
            let by = By {
                user: form.user,
                ..By::default()
            };
            alerts.edit(&target, |alert| {
                alert.log(now, &by, format!("Added attachment [{name}]"));
                alert.updated_at = now;
                alert.attachments.push(Attachment { id, name, content });
            });
            Ok(Answer::new(201, json!({ "result": "Created", "data": shown })))
        }
        AttachmentOperation::Delete(id) => {
            let shown = json!({ "id": id, "name": found(alert, id)?.name });
            let user = call.parameter("user").unwrap_or_default().into_owned();
            let by = By { user, ..By::default() };
            alerts.edit(&target, |alert| {
                alert.log(
                    now,
                    &by,
                    format!("Deleted attachment [{}]", shown["name"].as_str().unwrap_or_default()),
                );
                alert.updated_at = now;
                alert.attachments.retain(|file| file.id != *id);
            });
            Ok(Answer::new(200, json!({ "result": "Deleted", "data": shown })))
        }
    }
}

/// The bytes of an attachment.
pub(super) fn content<'a>(alerts: &'a Alerts, alert: &str, id: &str) -> Option<&'a Attachment> {
    let alert = alerts.find(&Target::Id(alert.to_owned()))?;
    found(alert, id).ok()
}

fn found<'a>(alert: &'a Alert, id: &str) -> Result<&'a Attachment, Answer> {
    let file = alert.attachments.iter().find(|file| file.id == id);
    file.ok_or_else(|| Answer::error(404, "Attachment does not exist"))
}

/// A form with a file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Form {
    /// Its name and its bytes.
    file: Option<(String, Vec<u8>)>,
    user: String,
}

impl Form {
    /// Reads a `multipart/form-data` body.
    fn read(call: &Call) -> Result<Self, Answer> {
        let content_type = call.content_type.as_deref().unwrap_or_default();
        let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
        if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
            return Err(Answer::error(415, "Content type should be multipart/form-data."));
        }
        let malformed = || Answer::error(400, "Could not parse the request body: it is no multipart/form-data");
        let boundary = parameter(parameters, "boundary").filter(|boundary| !boundary.is_empty());
        let delimiter = format!("--{}", boundary.ok_or_else(malformed)?);
        let mut form = Self::default();
        // The first delimiter may stand at the very beginning, every other one after a line break.
        let mut rest = after(&call.body, delimiter.as_bytes()).ok_or_else(malformed)?;
        let delimiter = format!("\r\n{delimiter}");
        while let Some(part) = rest.strip_prefix(b"\r\n") {
            let end = position(part, delimiter.as_bytes()).ok_or_else(malformed)?;
            form.add(&part[..end]).ok_or_else(malformed)?;
            rest = &part[end + delimiter.len()..];
        }
        rest.starts_with(b"--").then_some(form).ok_or_else(malformed)
    }

    /// Takes in a part: its header lines, an empty one, its bytes.
    fn add(&mut self, part: &[u8]) -> Option<()> {
        let end = position(part, b"\r\n\r\n")?;
        let (head, content) = (String::from_utf8_lossy(&part[..end]), &part[end + 4..]);
        let disposition = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-disposition").then_some(value)
        })?;
        match parameter(disposition, "name")?.as_str() {
            "file" => {
                let name = parameter(disposition, "filename").unwrap_or_else(|| "file".to_owned());
                self.file = Some((name, content.to_vec()));
            }
            "user" => self.user = String::from_utf8_lossy(content).into_owned(),
            _ => {}
        }
        Some(())
    }
}

/// `name="value"` or `name=value` in a header.
fn parameter(text: &str, name: &str) -> Option<String> {
    text.split(';').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let value = value.trim();
        let value = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'))
            .unwrap_or(value);
        key.trim().eq_ignore_ascii_case(name).then(|| value.to_owned())
    })
}

fn after<'a>(bytes: &'a [u8], sought: &[u8]) -> Option<&'a [u8]> {
    position(bytes, sought).map(|start| &bytes[start + sought.len()..])
}

fn position(bytes: &[u8], sought: &[u8]) -> Option<usize> {
    bytes.windows(sought.len()).position(|window| window == sought)
}

#[cfg(test)]
mod tests {
    use super::Form;
    use crate::emulator::opsgenie::call::Call;

    fn read(content_type: &str, body: &str) -> Result<Form, u16> {
        let call = Call {
            content_type: Some(content_type.to_owned()),
            body: body.replace('\n', "\r\n").into(),
            ..Call::default()
        };
        Form::read(&call).map_err(|answer| answer.status)
    }

    #[test]
    fn a_form_has_a_file_and_a_user() {
        let body = "--b\nContent-Disposition: form-data; name=\"user\"\n\nAnn\n--b\n\
                    content-disposition: form-data; name=file; filename=\"a b.txt\"\nContent-Type: text/plain\n\n\
                    one\n--two\n\n--b--\n";
        let form = read("multipart/form-data; boundary=\"b\"", body).unwrap();
        let file = ("a b.txt".to_owned(), b"one\r\n--two\r\n".to_vec());
        assert_eq!((form.file, form.user.as_str()), (Some(file), "Ann"));
    }

    #[test]
    fn err_what_is_no_form_is_refused() {
        assert_eq!(read("application/json", "{}"), Err(415));
        assert_eq!(read("multipart/form-data", "--b--"), Err(400));
        for body in [
            "",
            "--b",
            "--b\n",
            "--b\nno header\n--b--",
            "--c--",
            "--b\nContent-Disposition: x\n\n\n--b--",
        ] {
            assert_eq!(read("multipart/form-data; boundary=b", body), Err(400), "{body}");
        }
        assert_eq!(read("multipart/form-data; boundary=b", "--b--"), Ok(Form::default()));
    }
}
