//! `NameKey`: what tells almost all names of tags apart by comparing a number, in any casing.
//!
//! Every tag of a text is compared with many names: those it may have in the table of tags, and those that are looked for
//! in its parent. Equal names have equal keys; whether names with equal keys are equal has to be looked at.

/// The length of a name, and its first, middle and last byte without regard to case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NameKey(u32);

impl NameKey {
    /// The key of a name.
    #[inline]
    pub(super) const fn of(name: &str) -> Self {
        let name = name.as_bytes();
        let length = name.len();
        if length == 0 {
            return Self(0);
        }
        let bytes = [name[0], name[length / 2], name[length - 1], 0];
        // This bit is the case of a letter, and in names it tells hardly anything else apart.
        const CASE: u32 = 0x2020_2020;
        Self((u32::from_le_bytes(bytes) | CASE) & 0x00ff_ffff | ((length & 0xff) as u32) << 24)
    }
}

impl NameKey {
    /// Where to begin to look for the name among so many slots, a power of two.
    pub(super) const fn slot(self, slots: usize) -> usize {
        (self.0.wrapping_mul(0x9e37_79b1) >> 16) as usize & (slots - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::NameKey;

    #[test]
    fn equal_names_have_equal_keys_in_any_casing() {
        for name in ["", "a", "On", "RTDisplay", "ds:Signature", "é", "x_1"] {
            assert_eq!(NameKey::of(name), NameKey::of(&name.to_ascii_uppercase()), "{name}");
        }
        assert_ne!(NameKey::of("Type"), NameKey::of("Time"));
        assert_ne!(NameKey::of("Param"), NameKey::of("Params"));
    }
}
