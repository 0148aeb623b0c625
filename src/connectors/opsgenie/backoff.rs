//! How long to wait: before a message is sent again, and before the platform is asked again what became of it.
//!
//! Waits grow and are spread by a hash of the message's id: no source of chance, so that the same messages wait alike
//! in every run, and different messages do not come back all at once.

/// The shortest wait before a resend, and the longest.
const RETRY_MS: (i64, i64) = (1_000, 60_000);
/// The first wait before a question, the second, and the longest.
const ASK_MS: (i64, i64, i64) = (1_000, 2_000, 30_000);

/// The wait before a message is sent again, when it was sent `attempts` times: 1 s × 2ⁿ up to a minute, of which a part
/// between none and half is left away.
pub(super) fn before_resend(id: &str, attempts: u32) -> i64 {
    let (shortest, longest) = RETRY_MS;
    spread(doubled(shortest, attempts.saturating_sub(1), longest), id, attempts)
}

/// The wait before the platform is asked for a verdict, when it was asked `asked` times: half a second to one, then 2,
/// 4, 8 … up to 30 s.
pub(super) fn before_question(id: &str, asked: u32) -> i64 {
    let (first, second, longest) = ASK_MS;
    match asked {
        0 => spread(first, id, 0),
        _ => doubled(second, asked - 1, longest),
    }
}

/// FNV-1a: a hash that is the same on every machine and in every version.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn doubled(start: i64, times: u32, longest: i64) -> i64 {
    start.saturating_mul(1 << times.min(20)).min(longest)
}

/// Between half of `wait` and all of it.
pub(super) fn spread(wait: i64, id: &str, round: u32) -> i64 {
    let half = wait / 2;
    let part = hash(&format!("{id}/{round}")) % u64::try_from(half.max(1)).unwrap_or(1);
    wait - i64::try_from(part).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{before_question, before_resend, hash};

    #[test]
    fn resends_wait_longer_and_longer_up_to_a_minute() {
        for (attempts, full) in [
            (1, 1_000),
            (2, 2_000),
            (3, 4_000),
            (6, 32_000),
            (7, 60_000),
            (1_000, 60_000),
        ] {
            let wait = before_resend("m1", attempts);
            assert!(wait > full / 2 - 1 && wait <= full, "{attempts}: {wait}");
        }
    }

    #[test]
    fn waits_are_the_same_in_every_run_and_differ_between_messages() {
        assert_eq!(before_resend("m1", 5), before_resend("m1", 5));
        let waits: std::collections::BTreeSet<i64> = (0..100).map(|n| before_resend(&format!("m{n}"), 7)).collect();
        assert!(waits.len() > 90);
    }

    #[test]
    fn questions_come_after_half_a_second_to_one_then_2_4_8_up_to_30() {
        assert!((500..=1_000).contains(&before_question("m1", 0)));
        let waits: Vec<i64> = (1..8).map(|asked| before_question("m1", asked)).collect();
        assert_eq!(waits, [2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash("foobar"), 0x8594_4171_f739_67e8);
    }
}
