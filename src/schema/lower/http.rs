//! `HTTP`: sessions, their connections, and what each requests and receives.
//!
//! Rules: HTTP-1, HTTP-10 to HTTP-29, HTTP-60 to HTTP-64, TMO-1, TMO-10, PRT-15, PRT-17. The requests themselves are
//! rendered by the engine.

use std::collections::BTreeMap;

use crate::model::id::{ExchangeId, ParamId};
use crate::model::moment::Span;
use crate::model::session::{
    BodyDef, Exchange, HeaderDef, Login, RequestDef, ResponseDef, Session, SessionProxy, TextSource,
};
use crate::schema::codes::{self, Code};
use crate::schema::diagnostic::Diagnostic;
use crate::schema::lower::Lowering;
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// `HTTP`.
pub(super) fn sessions(cx: &mut Lowering<'_>) -> Vec<Session> {
    let declared = cx.declared;
    let session = |(id, node): (_, Node<'_>)| Session {
        id,
        name: text_of(node, "name"),
        timeout: milliseconds(cx, node, "timeout"),
        ignore_timeout: node.flag("ignoreTimeout", &mut cx.diagnostics),
        keep_alive: node.flag("keepAlive", &mut cx.diagnostics),
        login: login(cx, node),
        proxy: proxy(cx, node),
        exchanges: exchanges(cx, node),
        line: cx.line(node),
    };
    declared.sessions.iter().map(session).collect()
}

/// The value of an attribute, nothing when it is not there.
fn text_of(node: Node<'_>, attribute: &str) -> String {
    node.attribute(attribute)
        .map(|field| field.text().to_owned())
        .unwrap_or_default()
}

fn milliseconds(cx: &mut Lowering<'_>, node: Node<'_>, attribute: &str) -> Option<Span> {
    node.attribute(attribute)?.number(0.., &mut cx.diagnostics).map(Span)
}

fn login(cx: &mut Lowering<'_>, session: Node<'_>) -> Login {
    #[derive(Clone, Copy)]
    enum Method {
        Credentials,
        Certificate,
    }
    const METHODS: &[(&str, Method)] = &[
        ("credentials", Method::Credentials),
        ("certificate", Method::Certificate),
    ];

    let method = session.attribute("loginMethod").filter(|field| !field.is_empty());
    let method = method.and_then(|field| field.one_of(METHODS, &mut cx.diagnostics));
    let user = literal_or_param(cx, session, "userName", &codes::HTTP_USER_UNKNOWN);
    let password = literal_or_param(cx, session, "password", &codes::HTTP_PASSWORD_UNKNOWN);
    let nothing = || TextSource::Literal(String::new());
    match method {
        None => Login::None,
        Some(Method::Certificate) => Login::Certificate,
        Some(Method::Credentials) => Login::Credentials {
            user: user.unwrap_or_else(nothing),
            password: password.unwrap_or_else(nothing),
        },
    }
}

fn proxy(cx: &mut Lowering<'_>, session: Node<'_>) -> Option<SessionProxy> {
    let server = literal_or_param(cx, session, "proxyServer", &codes::HTTP_PROXY_SERVER_UNKNOWN);
    let user = literal_or_param(cx, session, "proxyUser", &codes::HTTP_PROXY_USER_UNKNOWN);
    let password = literal_or_param(cx, session, "proxyPassword", &codes::HTTP_PROXY_PASSWORD_UNKNOWN);
    server.map(|server| SessionProxy { server, user, password })
}

/// A number that is the id of a parameter stands for its value, anything else for itself (HTTP-63).
fn literal_or_param(
    cx: &mut Lowering<'_>,
    session: Node<'_>,
    attribute: &str,
    unknown: &'static Code,
) -> Option<TextSource> {
    let field = session.attribute(attribute).filter(|field| !field.is_empty())?;
    if let Some(id) = field.digits().map(ParamId) {
        if cx.declared.params.contains(id) {
            return Some(TextSource::Param(id));
        }
        let message = format!("there is no parameter {id}, so `{attribute}` is the text `{id}` itself");
        let hint = "name a parameter that the definition declares, if that is what is meant";
        cx.report(Diagnostic::new(unknown, field.span(), message).hint(hint));
    }
    Some(TextSource::Literal(field.text().to_owned()))
}

fn exchanges(cx: &mut Lowering<'_>, session: Node<'_>) -> Vec<Exchange> {
    let mut seen: BTreeMap<ExchangeId, Field<'_>> = BTreeMap::new();
    let mut exchanges = Vec::new();
    for node in session.children("Connection") {
        let field = node.attribute("id");
        let Some((field, id)) = field.and_then(|field| Some((field, ExchangeId(field.digits()?)))) else {
            let message = "a `Connection` without an id in digits is left out of its session";
            let hint = "write `<Connection id=\"1\">` with an id that is free in its session";
            cx.report(Diagnostic::new(&codes::ID_MISSING, node.name_span(), message).hint(hint));
            continue;
        };
        if let Some(first) = seen.get(&id) {
            let message = format!("the id {id} is taken by another `Connection` of this session");
            let duplicate = Diagnostic::new(&codes::ID_DUPLICATE, field.span(), message)
                .second(first.span(), "the first one")
                .hint("give one of them an id that is free");
            cx.report(duplicate);
            continue;
        }
        seen.insert(id, field);
        exchanges.push(Exchange {
            id,
            name: text_of(node, "name"),
            timeout: milliseconds(cx, node, "timeout"),
            ignore_timeout: node.flag("ignoreTimeout", &mut cx.diagnostics),
            request: request(cx, node.child("Request")),
            response: node
                .child("Response")
                .map(|node| response(cx, node))
                .unwrap_or_default(),
        });
    }
    exchanges
}

fn request(cx: &mut Lowering<'_>, request: Option<Node<'_>>) -> RequestDef {
    let Some(node) = request else {
        return RequestDef {
            verb: "GET".to_owned(),
            url: root(),
            headers: Vec::new(),
            body: BodyDef::None,
        };
    };
    RequestDef {
        verb: verb(cx, node),
        url: url(cx, node),
        headers: headers(cx, node),
        body: body(cx, node),
    }
}

/// Any word of letters, GET otherwise (HTTP-10).
fn verb(cx: &mut Lowering<'_>, request: Node<'_>) -> String {
    let Some(field) = request.attribute("verb").filter(|field| !field.is_empty()) else {
        return "GET".to_owned();
    };
    if !field.text().bytes().all(|byte| byte.is_ascii_alphabetic()) {
        let message = format!("`{}` is no verb, so GET is sent", field.text());
        cx.report(Diagnostic::new(&codes::HTTP_VERB, field.span(), message).hint("a verb has letters only"));
        return "GET".to_owned();
    }
    if field.is("CONNECT") {
        let message = "CONNECT is not supported: the exchange fails";
        cx.report(Diagnostic::new(&codes::NOT_RUN, field.span(), message));
    }
    field.text().to_owned()
}

fn root() -> TextSource {
    TextSource::Literal("/".to_owned())
}

/// `url` wins over `pid` (HTTP-13); the root when there is neither (HTTP-12).
fn url(cx: &mut Lowering<'_>, request: Node<'_>) -> TextSource {
    let pid = request.attribute("pid");
    if let Some(url) = request.attribute("url") {
        if let Some(pid) = pid {
            let message = "`pid` is ignored, since `url` is given too";
            cx.report(Diagnostic::new(&codes::HTTP_URL_AND_PID, pid.span(), message).hint("remove one of them"));
        }
        return TextSource::Literal(url.text().to_owned());
    }
    pid.and_then(|pid| cx.param(pid, &codes::HTTP_REQUEST_PID))
        .map_or_else(root, TextSource::Param)
}

fn headers(cx: &mut Lowering<'_>, request: Node<'_>) -> Vec<HeaderDef> {
    let Some(headers) = request.child("Headers") else {
        return Vec::new();
    };
    let mut lowered = Vec::new();
    for node in headers.children("Header") {
        let (key, value) = (key(cx, node), pid_or_text(cx, node, &codes::HTTP_HEADER_PID));
        let Some(key) = key else { continue };
        if !is_token(key.text()) {
            let message = format!("`{}` cannot be the name of a header, so it is not sent", key.text());
            cx.report(
                Diagnostic::new(&codes::HTTP_HEADER_NAME, key.span(), message)
                    .hint("a header name has no blanks, colons or quotes"),
            );
            continue;
        }
        if key.is("Content-Length") {
            let message = "`Content-Length` is computed for every request, so this one is not sent";
            cx.report(Diagnostic::new(&codes::HTTP_HEADER_REDUNDANT, key.span(), message).hint("remove the header"));
            continue;
        }
        lowered.extend(value.map(|value| HeaderDef {
            key: key.text().to_owned(),
            value,
        }));
    }
    lowered
}

/// Whether a text can stand before the colon of a header line (RFC 9110, section 5.6.2).
fn is_token(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// `@key`, which has to be there.
fn key<'t>(cx: &mut Lowering<'_>, node: Node<'t>) -> Option<Field<'t>> {
    let key = node.attribute("key");
    let code = match key {
        None => &codes::HTTP_KEY_MISSING,
        Some(key) if key.is_empty() => &codes::HTTP_KEY_EMPTY,
        Some(key) => return Some(key),
    };
    let message = format!("a `{}` without a key is left out", node.name());
    cx.report(Diagnostic::new(code, node.name_span(), message).hint("name it: `key=\"…\"`"));
    None
}

/// `@pid`, else the text as it stands (HTTP-18, HTTP-20); none when the parameter does not exist.
fn pid_or_text(cx: &mut Lowering<'_>, node: Node<'_>, unknown: &'static Code) -> Option<TextSource> {
    match node.attribute("pid") {
        Some(pid) => cx.param(pid, unknown).map(TextSource::Param),
        None => Some(TextSource::Literal(node.content().raw().to_owned())),
    }
}

/// `Parameters` win over `Data` (HTTP-21).
fn body(cx: &mut Lowering<'_>, request: Node<'_>) -> BodyDef {
    let data = request.child("Data");
    if let Some(parameters) = request.child("Parameters") {
        if let Some(data) = data {
            let message = "`Data` is ignored, since there are `Parameters` too";
            cx.report(
                Diagnostic::new(&codes::HTTP_DATA_AND_PARAMETERS, data.name_span(), message).hint("remove one of them"),
            );
        }
        return BodyDef::Parameters(query(cx, parameters));
    }
    data.and_then(|data| pid_or_text(cx, data, &codes::HTTP_DATA_PID))
        .map_or(BodyDef::None, BodyDef::Data)
}

fn query(cx: &mut Lowering<'_>, parameters: Node<'_>) -> Vec<HeaderDef> {
    let mut lowered = Vec::new();
    for node in parameters.children("Parameter") {
        let (key, value) = (key(cx, node), pid_or_text(cx, node, &codes::HTTP_PARAMETER_PID));
        lowered.extend(key.zip(value).map(|(key, value)| HeaderDef {
            key: key.text().to_owned(),
            value,
        }));
    }
    lowered
}

fn response(cx: &mut Lowering<'_>, response: Node<'_>) -> ResponseDef {
    let status = response
        .attribute("statusCode")
        .and_then(|field| cx.param(field, &codes::HTTP_STATUS_PID));
    let content = response
        .child("Content")
        .and_then(|content| receiver(cx, content, &codes::HTTP_CONTENT_PID));
    let mut headers = Vec::new();
    for node in response
        .child("Headers")
        .into_iter()
        .flat_map(|headers| headers.children("Header"))
    {
        let (key, param) = (key(cx, node), receiver(cx, node, &codes::HTTP_RESPONSE_HEADER_PID));
        headers.extend(key.zip(param).map(|(key, param)| (key.text().to_owned(), param)));
    }
    ResponseDef {
        status,
        headers,
        content,
    }
}

/// `@pid`, which has to be there.
fn receiver(cx: &mut Lowering<'_>, node: Node<'_>, code: &'static Code) -> Option<ParamId> {
    let Some(pid) = node.attribute("pid") else {
        let message = format!("the `{}` of a response goes nowhere", node.name());
        cx.report(
            Diagnostic::new(code, node.name_span(), message).hint("name the parameter that receives it: `pid=\"…\"`"),
        );
        return None;
    };
    cx.param(pid, code)
}

#[cfg(test)]
mod tests {
    use crate::model::id::ParamId;
    use crate::model::session::{Login, TextSource};
    use crate::schema::load;

    #[test]
    fn http_63_digits_are_a_parameter_where_there_is_one() {
        let definition = |login: &str| {
            format!(
                "<Protocol><Name>P</Name><Version>1</Version><Type>http</Type><Params><Param id='10'><Name>User</Name>\
                 <Type>read</Type></Param></Params><HTTP><Session id='1' loginMethod='credentials' {login} /></HTTP>\
                 </Protocol>"
            )
        };
        let read = |login| {
            let protocol = load("p.xml", &definition(login)).protocol?;
            Some(protocol.parts().sessions.first()?.login.clone())
        };
        let text = |text: &str| TextSource::Literal(text.to_owned());
        let param = TextSource::Param(ParamId(10));
        let is =
            |login, user, password| assert_eq!(read(login), Some(Login::Credentials { user, password }), "{login}");
        is("userName='10' password='4711'", param.clone(), text("4711"));
        is("userName='user10' PASSWORD=' 10 '", text("user10"), param);
    }
}
