//! The rows of parameters, pages, connections and the definition's own data (engine-parameters.md appendix (a),
//! engine-execution.md A.1, A.2).

use crate::schema::support::{Tag, once};

pub(super) static TAGS: &[Tag] = &[once("Protocol", ""), once("Protocol/Params", "")];
