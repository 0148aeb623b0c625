//! The words of a condition: brackets, operators, operands, each with its place in the text.
//!
//! Rules: CON-1 (blanks separate), CON-2 and CON-3 (`id:`, keywords in any casing), CON-4 (quoted text), CON-5 (numbers).

use std::ops::Range;

use crate::model::condition::{Arithmetic, Comparison};
use crate::model::id::ParamId;
use crate::model::value::parse_number;
use crate::schema::lower::condition::grammar::Fault;

/// A word of a condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// `AND`.
    And,
    /// `OR`.
    Or,
    /// `==`, `!=`, `<`, `<=`, `>`, `>=`.
    Compare(Comparison),
    /// `+`, `-`, `*`, `/`, `&`, `|`, `^`.
    Arithmetic(Arithmetic),
    /// `id:n`.
    Param(ParamId),
    /// A quoted text, without its quotes.
    Text(String),
    /// A number.
    Number(f64),
    /// `empty`.
    Empty,
    /// `emptystring`.
    EmptyString,
}

/// A word and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// The word.
    pub(super) word: Word,
    /// Its bytes in the text.
    pub(super) at: Range<usize>,
}

/// More words than any condition a person wrote; bounds the depth of the tree.
const MOST_TOKENS: usize = 2000;

/// Cuts a condition into its words.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut position = 0;
    loop {
        position += blank_bytes(&text[position..]);
        let rest = &text[position..];
        if rest.is_empty() {
            return Ok(tokens);
        }
        if tokens.len() == MOST_TOKENS {
            return Err(Fault::new(position..text.len(), "the condition is too long to be read"));
        }
        let (word, length) = next_word(rest, position)?;
        let end = position + length;
        // A word ends at a blank; only brackets may touch it.
        let follower = text[end..].chars().next();
        let separated = match word {
            Word::Open => true,
            _ => follower.is_none_or(|next| next.is_whitespace() || next == ')'),
        };
        if !separated {
            let tail = end + text[end..].find(char::is_whitespace).unwrap_or(text.len() - end);
            let message = format!("`{}` needs a blank behind it", &text[position..end]);
            return Err(Fault::new(position..tail, message));
        }
        tokens.push(Token {
            word,
            at: position..end,
        });
        position = end;
    }
}

fn blank_bytes(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// The word at the start of `rest`, and its length in bytes.
fn next_word(rest: &str, position: usize) -> Result<(Word, usize), Fault> {
    if rest.starts_with('(') {
        return Ok((Word::Open, 1));
    }
    if rest.starts_with(')') {
        return Ok((Word::Close, 1));
    }
    if rest.starts_with('"') {
        return quoted(rest)
            .ok_or_else(|| Fault::new(position..position + rest.len(), "the text has no closing quote"));
    }
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"'))
        .unwrap_or(rest.len());
    let word = plain_word(&rest[..end]).map_err(|message| Fault::new(position..position + end, message))?;
    Ok((word, end))
}

/// A quoted text; a quote behind a backslash belongs to it (CON-4).
fn quoted(rest: &str) -> Option<(Word, usize)> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((index, c)) = chars.next() {
        match c {
            '"' => return Some((Word::Text(text), index + 1)),
            '\\' if chars.next_if(|&(_, next)| next == '"').is_some() => text.push('"'),
            _ => text.push(c),
        }
    }
    None
}

fn plain_word(text: &str) -> Result<Word, String> {
    let word = match text {
        "==" => Word::Compare(Comparison::Equal),
        "!=" => Word::Compare(Comparison::NotEqual),
        "<" => Word::Compare(Comparison::Less),
        "<=" => Word::Compare(Comparison::LessOrEqual),
        ">" => Word::Compare(Comparison::Greater),
        ">=" => Word::Compare(Comparison::GreaterOrEqual),
        "+" => Word::Arithmetic(Arithmetic::Add),
        "-" => Word::Arithmetic(Arithmetic::Subtract),
        "*" => Word::Arithmetic(Arithmetic::Multiply),
        "/" => Word::Arithmetic(Arithmetic::Divide),
        "&" => Word::Arithmetic(Arithmetic::And),
        "|" => Word::Arithmetic(Arithmetic::Or),
        "^" => Word::Arithmetic(Arithmetic::Xor),
        _ => return operand_or_keyword(text),
    };
    Ok(word)
}

fn operand_or_keyword(text: &str) -> Result<Word, String> {
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "and" => return Ok(Word::And),
        "or" => return Ok(Word::Or),
        "empty" => return Ok(Word::Empty),
        "emptystring" => return Ok(Word::EmptyString),
        "&&" => return Err("`&&` does not exist, write AND".to_owned()),
        "||" => return Err("`||` does not exist, write OR".to_owned()),
        "=" => return Err("`=` does not exist, write ==".to_owned()),
        _ => {}
    }
    if let Some(digits) = lower.strip_prefix("id:") {
        return param_id(digits).map(Word::Param).ok_or_else(|| {
            if digits.contains(['=', '<', '>', '!']) {
                format!("`{text}` is one word, put blanks around the operator")
            } else {
                format!("`{text}` names no parameter, write id:10")
            }
        });
    }
    match parse_number(text) {
        Some(number) => Ok(Word::Number(number)),
        None => Err(format!("`{text}` is no number; a text stands in double quotes")),
    }
}

fn param_id(digits: &str) -> Option<ParamId> {
    let only_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if only_digits {
        digits.parse().ok().map(ParamId)
    } else {
        None
    }
}
