//! The search query language, as far as it goes here: conjunctions of `field:value`, `field=value`, `field<value` and
//! `field>value`, each with an optional `NOT`, values in quotes where they hold blanks; a word alone is looked for in the
//! message. `*` at the end of a value stands for anything. What is not understood is refused, never ignored.

use crate::emulator::opsgenie::alert::Alert;

/// A conjunction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Search(Vec<Term>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    negated: bool,
    field: Field,
    relation: Relation,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Is,
    Below,
    Above,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    CreatedAt,
    UpdatedAt,
    LastOccurredAt,
    SnoozedUntil,
    Count,
    AlertId,
    TinyId,
    Alias,
    Message,
    Description,
    Source,
    Entity,
    Status,
    Owner,
    Priority,
    Acknowledged,
    Seen,
    Snoozed,
    Tag,
    Action,
    Team,
    DetailsKey,
    DetailsValue,
}

impl Field {
    fn of(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "createdat" => Self::CreatedAt,
            "updatedat" => Self::UpdatedAt,
            "lastoccurredat" => Self::LastOccurredAt,
            "snoozeduntil" => Self::SnoozedUntil,
            "count" => Self::Count,
            "alertid" | "id" => Self::AlertId,
            "tinyid" => Self::TinyId,
            "alias" => Self::Alias,
            "message" => Self::Message,
            "description" => Self::Description,
            "source" => Self::Source,
            "entity" => Self::Entity,
            "status" => Self::Status,
            "owner" => Self::Owner,
            "priority" => Self::Priority,
            "acknowledged" => Self::Acknowledged,
            "isseen" => Self::Seen,
            "snoozed" => Self::Snoozed,
            "tag" => Self::Tag,
            "actions" => Self::Action,
            "teams" | "responders" => Self::Team,
            "details.key" => Self::DetailsKey,
            "details.value" => Self::DetailsValue,
            _ => return None,
        })
    }
}

impl Search {
    /// Reads a query.
    pub(super) fn parse(query: &str) -> Result<Self, String> {
        let mut terms = Vec::new();
        let mut rest = query.trim();
        while !rest.is_empty() {
            let (term, after) = term(rest)?;
            terms.push(term);
            rest = after;
            if let Some(after) = keyword(rest, "AND") {
                if after.is_empty() {
                    return Err("nothing follows AND".to_owned());
                }
                rest = after;
            }
        }
        Ok(Self(terms))
    }

    /// Whether an alert is found.
    pub(super) fn finds(&self, alert: &Alert, now: u64) -> bool {
        self.0.iter().all(|term| term.holds(alert, now) != term.negated)
    }
}

fn term(text: &str) -> Result<(Term, &str), String> {
    let (negated, text) = keyword(text, "NOT").map_or((false, text), |rest| (true, rest));
    if keyword(text, "OR").is_some() || text.starts_with(['(', ')']) {
        return Err("only conjunctions are supported: no OR, no parentheses".to_owned());
    }
    let name_end = text.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '.'));
    let (name, rest) = text.split_at(name_end.unwrap_or(text.len()));
    let rest = rest.trim_start();
    let relation = match rest.chars().next() {
        Some(':' | '=') if !name.is_empty() => Relation::Is,
        Some('<') if !name.is_empty() => Relation::Below,
        Some('>') if !name.is_empty() => Relation::Above,
        _ => {
            let (value, rest) = value(text)?;
            return Ok((
                Term {
                    negated,
                    field: Field::Message,
                    relation: Relation::Is,
                    value,
                },
                rest,
            ));
        }
    };
    let field = Field::of(name).ok_or_else(|| format!("\"{name}\" is no field"))?;
    let (value, rest) = value(rest[1..].trim_start())?;
    Ok((
        Term {
            negated,
            field,
            relation,
            value,
        },
        rest,
    ))
}

/// A value: in quotes, or up to the next blank.
fn value(text: &str) -> Result<(String, &str), String> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (value, rest) = quoted.split_once('"').ok_or("a quote is not closed")?;
        return Ok((value.to_owned(), rest.trim_start()));
    }
    let (value, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if value.is_empty() {
        return Err("a value is missing".to_owned());
    }
    Ok((value.to_owned(), rest.trim_start()))
}

/// What follows a keyword, when the text begins with it.
fn keyword<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    first.eq_ignore_ascii_case(word).then(|| rest.trim_start())
}

impl Term {
    fn holds(&self, alert: &Alert, now: u64) -> bool {
        match self.field {
            Field::CreatedAt => self.compares(alert.created_at),
            Field::UpdatedAt => self.compares(alert.updated_at),
            Field::LastOccurredAt => self.compares(alert.last_occurred_at),
            Field::SnoozedUntil => self.compares(alert.snoozed_until),
            Field::Count => self.compares(alert.count),
            Field::TinyId => self.compares(alert.tiny),
            Field::AlertId => alert.id == self.value,
            Field::Alias => !alert.closed && alert.alias == self.value,
            Field::Message => contains(&alert.message, &self.value),
            Field::Description => contains(&alert.description, &self.value),
            Field::Source => self.is(&alert.source),
            Field::Entity => self.is(&alert.entity),
            Field::Status => self.is(if alert.closed { "closed" } else { "open" }),
            Field::Owner => self.is(&alert.owner),
            Field::Priority => self.is(&alert.priority),
            Field::Acknowledged | Field::Seen => self.is(if alert.acknowledged { "true" } else { "false" }),
            Field::Snoozed => self.is(if alert.snoozed_until > now { "true" } else { "false" }),
            Field::Tag => alert.tags.iter().any(|tag| self.is(tag)),
            Field::Action => alert.actions.iter().any(|action| self.is(action)),
            Field::Team => alert.responders.iter().any(|responder| self.is(&responder.id)),
            Field::DetailsKey => alert.details.keys().any(|key| self.is(key)),
            Field::DetailsValue => alert
                .details
                .values()
                .any(|value| value.as_str().is_some_and(|text| self.is(text))),
        }
    }

    fn compares(&self, number: u64) -> bool {
        let Ok(value) = self.value.parse::<u64>() else {
            return false;
        };
        match self.relation {
            Relation::Is => number == value,
            Relation::Below => number < value,
            Relation::Above => number > value,
        }
    }

    fn is(&self, text: &str) -> bool {
        let (text, value) = (text.to_lowercase(), self.value.to_lowercase());
        match value.strip_suffix('*') {
            Some(beginning) => text.starts_with(beginning),
            None => text == value,
        }
    }
}

fn contains(text: &str, value: &str) -> bool {
    text.to_lowercase()
        .contains(value.trim_end_matches('*').to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::Search;
    use crate::emulator::opsgenie::alert::Alert;

    fn finds(query: &str) -> bool {
        let alert = Alert {
            tiny: 7,
            alias: "dm-1".into(),
            message: "Encoder 12: Signal lost".into(),
            priority: "P1".into(),
            tags: vec!["Critical".into(), "service:Sport 1".into()],
            count: 3,
            ..Alert::default()
        };
        Search::parse(query).unwrap().finds(&alert, 0)
    }

    #[test]
    fn conjunctions_of_fields_are_understood() {
        for query in [
            "",
            "status:open",
            "status=open AND tag:\"critical\"",
            "status: open and tag:\"service:Sport 1\"",
            "count>2 count<4 count:3 tinyId:7",
            "NOT status:closed AND alias:dm-1",
            "signal",
            "\"signal lost\" priority:P1",
            "tag:crit*",
        ] {
            assert!(finds(query), "{query}");
        }
        for query in [
            "status:closed",
            "alias:DM-1",
            "NOT signal",
            "count>3",
            "tag:critica",
            "status:open AND owner:x",
        ] {
            assert!(!finds(query), "{query}");
        }
    }

    #[test]
    fn err_what_is_not_understood_is_refused() {
        for query in [
            "a:b",
            "status:open OR status:closed",
            "(status:open)",
            "status:",
            "tag:\"a",
            "status:open AND",
        ] {
            assert!(Search::parse(query).is_err(), "{query}");
        }
    }
}
