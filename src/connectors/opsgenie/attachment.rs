//! An attachment: a file as a form, as the platform takes it. It is the one write that is answered when it is done.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::connectors::opsgenie::backoff::hash;
use crate::connectors::opsgenie::operation::{Call, Fields, plain};
use crate::connectors::opsgenie::target::Target;

/// The content of the file; what is wrong with it, otherwise.
pub(super) fn content(fields: &Fields) -> Result<Vec<u8>, String> {
    let text = fields.get("contentBase64").and_then(Json::as_str).unwrap_or_default();
    // Encoders break long lines.
    let text: String = text.split_ascii_whitespace().collect();
    STANDARD
        .decode(&text)
        .map_err(|error| format!("contentBase64 is not valid Base64: {error}"))
}

/// The query of the attachments of an alert: there the identifier's type has another name.
pub(super) fn query(target: &Target) -> String {
    format!("?alertIdentifierType={}", target.kind.name())
}

/// The call that adds the file.
pub(super) fn call(path: String, target: &Target, fields: &Fields) -> Call {
    let content = content(fields).unwrap_or_default();
    let boundary = boundary(&content);
    let mut body = Vec::with_capacity(content.len() + 512);
    for name in ["user", "indexFile"] {
        if let Some(value) = fields.get(name) {
            let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(plain(value).as_bytes());
            body.extend_from_slice(b"\r\n");
        }
    }
    let name = quoted(&fields.get("fileName").map(plain).unwrap_or_default());
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(&content);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Call {
        verb: "POST",
        url: path + &query(target),
        content_type: Some(format!("multipart/form-data; boundary={boundary}")),
        body,
    }
}

/// A boundary that does not occur in the content.
fn boundary(content: &[u8]) -> String {
    let mut round = content.len();
    loop {
        let boundary = format!("adit-{:016x}", hash(&round.to_string()));
        if !content.windows(boundary.len()).any(|part| part == boundary.as_bytes()) {
            return boundary;
        }
        round += 1;
    }
}

/// A file name within quotes, as browsers write it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(json: &Json) -> Fields {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn a_file_is_sent_as_a_form() {
        let fields = fields(&json!({"fileName": "a\"b.txt", "contentBase64": "aGVs\nbG8=", "user": "u"}));
        let call = call("/v2/alerts/a/attachments".to_owned(), &Target::alias("a"), &fields);
        assert_eq!(call.url, "/v2/alerts/a/attachments?alertIdentifierType=alias");
        let boundary = call.content_type.unwrap();
        let boundary = boundary.strip_prefix("multipart/form-data; boundary=").unwrap();
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nu\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22b.txt\"\r\n\
             Content-Type: application/octet-stream\r\n\r\nhello\r\n--{boundary}--\r\n"
        );
        assert_eq!(String::from_utf8(call.body).unwrap(), expected);
    }

    #[test]
    fn a_boundary_does_not_occur_in_the_content() {
        let plain = boundary(b"");
        // A content of that length would get the boundary that stands in it.
        let content = (0..).map(|round: usize| format!("adit-{:016x}", hash(&round.to_string())));
        let content: String = content.take(3).collect();
        assert!(!content.contains(&boundary(content.as_bytes())));
        assert!(plain.starts_with("adit-"));
    }

    #[test]
    fn content_that_is_no_base64_says_so() {
        let wrong = content(&fields(&json!({"contentBase64": "a*"}))).unwrap_err();
        assert!(wrong.starts_with("contentBase64 is not valid Base64: "), "{wrong}");
    }
}
