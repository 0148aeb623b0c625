//! `Display/Trending`: how the trend of a parameter is best condensed and drawn.
//!
//! Rules: TRD-4.

/// What the definition says of the trend of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrendHint {
    /// `Type`.
    pub condensed: Condensed,
    /// `@logarithmic`, or the operation `log10`: on a logarithmic scale.
    pub logarithmic: bool,
}

/// What stands for the values of a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Condensed {
    /// The last one.
    Last,
    /// Their sum.
    Sum,
    /// The most.
    Max,
    /// The least.
    Min,
    /// Their average.
    #[default]
    Average,
}

impl Condensed {
    /// Its name, as the definition writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Sum => "sum",
            Self::Max => "max",
            Self::Min => "min",
            Self::Average => "average",
        }
    }
}
