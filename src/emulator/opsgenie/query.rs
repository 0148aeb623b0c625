//! How a search query is read: from its text to a [`Search`].

use jiff::Timestamp;

use crate::emulator::opsgenie::search::{Field, Kind, Pattern, Relation, Search};

/// How deep parentheses and `NOT` may be nested.
const DEEPEST: usize = 50;

/// Reads a query. An empty one finds every alert.
pub(super) fn read(query: &str) -> Result<Search, String> {
    let mut reader = Reader {
        rest: query.trim(),
        depth: 0,
    };
    if reader.rest.is_empty() {
        return Ok(Search::All(Vec::new()));
    }
    let search = reader.any(None)?;
    match reader.rest {
        "" => Ok(search),
        _ => Err("a parenthesis is closed that was not opened".to_owned()),
    }
}

/// What is left to read of a query.
struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Terms joined by `OR`. Values alone belong to this field.
    fn any(&mut self, field: Option<Field>) -> Result<Search, String> {
        let mut parts = vec![self.all(field)?];
        while self.keyword("OR") {
            parts.push(self.all(field)?);
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Search::Any(parts),
        })
    }

    /// Terms joined by `AND`, or by nothing.
    fn all(&mut self, field: Option<Field>) -> Result<Search, String> {
        let mut parts = vec![self.one(field)?];
        loop {
            let joined = self.keyword("AND");
            if !joined && (self.rest.is_empty() || self.rest.starts_with(')') || self.is_keyword("OR")) {
                break;
            }
            parts.push(self.one(field)?);
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Search::All(parts),
        })
    }

    fn one(&mut self, field: Option<Field>) -> Result<Search, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("it is nested more than {DEEPEST} deep"));
        }
        let part = if self.keyword("NOT") {
            Search::Not(Box::new(self.one(field)?))
        } else if self.symbol("(") {
            let part = self.any(field)?;
            self.closed()?;
            part
        } else {
            self.term(field)?
        };
        self.depth -= 1;
        Ok(part)
    }

    fn term(&mut self, group: Option<Field>) -> Result<Search, String> {
        if self.is_keyword("AND") || self.is_keyword("OR") {
            return Err("a term is missing before AND or OR".to_owned());
        }
        if let Some(field) = group {
            let value = self.value()?;
            return tested(field, Relation::Is, &value);
        }
        let before = self.rest;
        let name_end = before.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '.'));
        let (name, rest) = before.split_at(name_end.unwrap_or(before.len()));
        self.rest = rest.trim_start();
        let relation = if name.is_empty() { None } else { self.relation() };
        let Some(relation) = relation else {
            self.rest = before;
            let value = self.value()?;
            return tested(Field::Message, Relation::Is, &value);
        };
        let field = Field::of(name).ok_or_else(|| format!("\"{name}\" is no field"))?;
        if self.symbol("(") {
            let part = self.any(Some(field))?;
            self.closed()?;
            return match relation {
                Relation::Is => Ok(part),
                Relation::IsNot => Ok(Search::Not(Box::new(part))),
                _ => Err("several values cannot be compared".to_owned()),
            };
        }
        let value = self.value()?;
        tested(field, relation, &value)
    }

    fn relation(&mut self) -> Option<Relation> {
        let relations = [
            ("!=", Relation::IsNot),
            ("<=", Relation::AtMost),
            (">=", Relation::AtLeast),
            ("<", Relation::Below),
            (">", Relation::Above),
            (":", Relation::Is),
            ("=", Relation::Is),
        ];
        let found = relations.into_iter().find(|(symbol, _)| self.symbol(symbol));
        found.map(|(_, relation)| relation)
    }

    /// A value: in quotes, or up to the next blank or closing parenthesis.
    fn value(&mut self) -> Result<String, String> {
        if let Some(quoted) = self.rest.strip_prefix('"') {
            let (value, rest) = quoted.split_once('"').ok_or("a quote is not closed")?;
            self.rest = rest.trim_start();
            return Ok(value.to_owned());
        }
        let end = self.rest.find(|letter: char| letter.is_whitespace() || letter == ')');
        let (value, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if value.is_empty() {
            return Err("a value is missing".to_owned());
        }
        self.rest = rest.trim_start();
        Ok(value.to_owned())
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let rest = self.rest.strip_prefix(symbol);
        self.rest = rest.map_or(self.rest, str::trim_start);
        rest.is_some()
    }

    fn closed(&mut self) -> Result<(), String> {
        match self.symbol(")") {
            true => Ok(()),
            false => Err("a parenthesis is not closed".to_owned()),
        }
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = self.is_keyword(word);
        if found {
            self.rest = self.rest[word.len()..].trim_start();
        }
        found
    }

    fn is_keyword(&self, word: &str) -> bool {
        let Some((begin, rest)) = self.rest.split_at_checked(word.len()) else {
            return false;
        };
        let ends = rest
            .chars()
            .next()
            .is_none_or(|next| next.is_whitespace() || next == '(');
        begin.eq_ignore_ascii_case(word) && ends
    }
}

/// The test of a field against a value.
fn tested(field: Field, relation: Relation, value: &str) -> Result<Search, String> {
    let plain = match field.kind() {
        Kind::Number => {
            let time = || {
                value
                    .parse()
                    .ok()
                    .and_then(|time: Timestamp| u64::try_from(time.as_millisecond()).ok())
            };
            let number = value.parse().ok().or_else(time);
            let number = number.ok_or_else(|| format!("\"{value}\" is neither a number nor a time"))?;
            return Ok(Search::Number(field, relation, number));
        }
        Kind::Flag => match value.to_ascii_lowercase().as_str() {
            "true" => Search::Flag(field, true),
            "false" => Search::Flag(field, false),
            _ => return Err(format!("\"{value}\" is neither true nor false")),
        },
        Kind::Text => Search::Text(field, Pattern::new(field, value)),
    };
    match relation {
        Relation::Is => Ok(plain),
        Relation::IsNot => Ok(Search::Not(Box::new(plain))),
        Relation::Below | Relation::AtMost | Relation::Above | Relation::AtLeast => {
            Err("only numbers and times can be compared".to_owned())
        }
    }
}
