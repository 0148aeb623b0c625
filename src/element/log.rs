//! The element log: the last lines of what an element says.

use std::collections::VecDeque;

use parking_lot::Mutex;

use crate::engine::effect::LogLevel;

/// Lines that are kept.
const LINES: usize = 500;

/// The last lines of an element.
#[derive(Debug, Default)]
pub(super) struct ElementLog {
    /// Locked to add or copy lines; nothing is awaited meanwhile.
    lines: Mutex<VecDeque<LogLine>>,
}

/// A line of the element log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// How bad it is.
    pub level: LogLevel,
    /// The text, without secrets.
    pub text: String,
}

impl ElementLog {
    /// Adds a line; the oldest one goes when there are too many.
    pub(super) fn add(&self, line: LogLine) {
        let mut lines = self.lines.lock();
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// The lines that are kept, oldest first.
    pub(super) fn lines(&self) -> Vec<LogLine> {
        self.lines.lock().iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{ElementLog, LINES, LogLine};
    use crate::engine::effect::LogLevel;

    #[test]
    fn the_last_lines_are_kept() {
        let log = ElementLog::default();
        for at in 0..=LINES as i64 {
            log.add(LogLine {
                at,
                level: LogLevel::Info,
                text: String::new(),
            });
        }
        let lines = log.lines();
        assert_eq!((lines.len(), lines[0].at), (LINES, 1));
    }
}
