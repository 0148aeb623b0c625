//! Ids and chance, from a seed: the same requests give the same ids, and the same faults strike.

/// A sequence of ids and dice.
#[derive(Debug, Clone)]
pub(super) struct Ids(u64);

impl Ids {
    /// Where the sequence stands: a seed from which it goes on.
    pub(super) const fn place(&self) -> u64 {
        self.0
    }

    /// A number between these, both included.
    pub(super) fn between(&mut self, least: u64, most: u64) -> u64 {
        match most.saturating_sub(least).checked_add(1) {
            Some(width) => least + self.next() % width,
            None => self.next(),
        }
    }

    /// The sequence of a seed.
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A new id that looks like a random UUID.
    pub(super) fn uuid(&mut self) -> String {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next().to_be_bytes());
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// The same id for the same name, for things the platform knows by name only.
    pub(super) fn of_name(name: &str) -> String {
        let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self::new(seed).uuid()
    }

    /// Whether something with that chance in a hundred happens now.
    pub(super) fn strikes(&mut self, percent: u8) -> bool {
        self.next() % 100 < u64::from(percent)
    }

    /// SplitMix64: small, and good enough for ids and faults.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
