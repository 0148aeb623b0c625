//! The rows of what runs: sessions, groups, timers, triggers, actions, QActions, threads (engine-execution.md A.3–A.8).

use crate::schema::support::{Tag, ignored, many, once, reported};

pub(super) static TAGS: &[Tag] = &[
    once("Protocol/HTTP", ""),
    once("Protocol/Groups", ""),
    once("Protocol/Timers", ""),
    once("Protocol/Triggers", ""),
    once("Protocol/Actions", ""),
    once("Protocol/QActions", ""),
    once("Protocol/Threads", ""),
    // The kinds of row: `once` and `many` are read, `reported` and `ignored` are not, with all that is in them.
    many("Protocol/Groups/Group", "id"),
    reported("Protocol/Pairs", "serial commands and responses are not supported"),
    ignored("Protocol/InternalLicenses"),
];
