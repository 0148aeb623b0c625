//! Every QAction that something runs has code in the connector, and the code has a QAction to run it.
//!
//! Rules: QA-2, QA-30 (a QAction that nothing runs is a library and needs none).

use std::collections::BTreeSet;

use crate::model::id::QActionId;
use crate::model::protocol::Protocol;
use crate::model::qaction::QActionDef;
use crate::schema::codes;
use crate::schema::diagnostic::Diagnostic;
use crate::schema::source::{Source, Span};

/// Compares the QActions of a protocol with those that a connector registered for it. Without a connector there is
/// nothing to compare: the element then runs without QActions, and its trace says so.
#[must_use]
pub fn qaction_code(protocol: &Protocol, source: &Source, registered: Option<&BTreeSet<QActionId>>) -> Vec<Diagnostic> {
    let Some(registered) = registered else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for qaction in &protocol.parts().qactions {
        if is_run(protocol, qaction) && !registered.contains(&qaction.id) {
            let message = format!(
                "no code is registered for QAction {}: its events run nothing",
                qaction.id
            );
            let missing = Diagnostic::new(&codes::QACTION_NOT_REGISTERED, source.line(qaction.line), message)
                .hint("register code for it, or remove its triggers");
            found.push(at(missing, qaction.id));
        }
    }
    for &id in registered.iter().filter(|&&id| protocol.qaction(id).is_none()) {
        let message = format!("code is registered for QAction {id}, which is not declared: nothing runs it");
        let mut extra = Diagnostic::new(&codes::QACTION_NOT_DECLARED, Span::new(0, 0), message)
            .hint("declare the QAction, or remove the code");
        extra.path = "Protocol/QActions".to_owned();
        found.push(extra);
    }
    found
}

fn is_run(protocol: &Protocol, qaction: &QActionDef) -> bool {
    let timers = protocol
        .parts()
        .timers
        .iter()
        .filter_map(|timer| timer.multithreaded.as_ref());
    let mut of_timers = timers.flat_map(|options| [options.before, options.after, options.each_row]);
    !qaction.triggers.is_empty() || !qaction.groups.is_empty() || of_timers.any(|id| id == Some(qaction.id))
}

fn at(mut diagnostic: Diagnostic, id: QActionId) -> Diagnostic {
    diagnostic.path = format!("Protocol/QActions/QAction[{id}]");
    diagnostic
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::qaction_code;
    use crate::model::id::QActionId;
    use crate::schema::load;

    const DEFINITION: &str = r#"<Protocol>
  <Name>Test</Name>
  <Version>1.0.0.1</Version>
  <Type>virtual</Type>
  <Params>
    <Param id="1">
      <Name>Count</Name>
      <Description>Count</Description>
      <Type>read</Type>
    </Param>
  </Params>
  <QActions>
    <QAction id="1" triggers="1" />
    <QAction id="2" triggers="1" />
    <QAction id="3" options="precompile" />
  </QActions>
</Protocol>
"#;

    fn findings(registered: Option<&[u32]>) -> Vec<(&'static str, u32, String)> {
        let loaded = load("test.xml", DEFINITION);
        let protocol = loaded.protocol.expect("a sound definition");
        let registered: Option<BTreeSet<QActionId>> =
            registered.map(|ids| ids.iter().copied().map(QActionId).collect());
        let found = qaction_code(&protocol, &loaded.source, registered.as_ref());
        found
            .into_iter()
            .map(|finding| {
                (
                    finding.code.number,
                    loaded.source.place(finding.span).line,
                    finding.path,
                )
            })
            .collect()
    }

    #[test]
    fn qa_2_code_that_is_not_registered_or_not_declared_is_reported_and_a_library_needs_none() {
        let expected = [
            ("W373", 14, "Protocol/QActions/QAction[2]".to_owned()),
            ("W374", 1, "Protocol/QActions".to_owned()),
        ];
        assert_eq!(findings(Some(&[1, 9])), expected);
    }

    #[test]
    fn a_definition_without_a_connector_is_not_compared() {
        assert_eq!(findings(None), []);
    }
}
