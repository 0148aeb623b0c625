//! `Names`: which items of a list have a name, in any casing.
//!
//! Rules: PAR-6 (names are compared without regard to case). The names themselves stay with their items: what is kept of
//! each is a number by which it is found.

/// The places of the items of one list by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Names {
    /// The number of each name with the place of its item, in ascending order.
    places: Vec<(u64, u32)>,
}

impl Names {
    /// The places of items with these names, in order.
    pub(crate) fn new<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let mut places: Vec<(u64, u32)> = names.map(number).zip(0..u32::MAX).collect();
        places.sort_unstable();
        Self { places }
    }

    /// The places of the items with this name, in order. `name_at` is the name of the item at a place.
    pub(crate) fn of<'n>(&self, name: &str, name_at: impl Fn(usize) -> &'n str) -> impl Iterator<Item = usize> {
        let number = number(name);
        let first = self.places.partition_point(|(other, _)| *other < number);
        let near = self.places[first..]
            .iter()
            .take_while(move |(other, _)| *other == number);
        near.map(|(_, place)| *place as usize)
            .filter(move |&place| are_same(name_at(place), name))
    }

    /// The places of each name that several items have, in order, with the first that has it.
    pub(crate) fn shared<'n>(&self, name_at: impl Fn(usize) -> &'n str) -> Vec<(usize, Vec<usize>)> {
        let runs = self
            .places
            .chunk_by(|one, next| one.0 == next.0)
            .filter(|run| run.len() > 1);
        let mut shared: Vec<(usize, Vec<usize>)> = Vec::new();
        for run in runs {
            let known = shared.len();
            for place in run.iter().map(|(_, place)| *place as usize) {
                let same = |(first, _): &&mut (usize, Vec<usize>)| are_same(name_at(*first), name_at(place));
                match shared[known..].iter_mut().find(same) {
                    Some((_, others)) => others.push(place),
                    None => shared.push((place, Vec::new())),
                }
            }
        }
        shared.retain(|(_, others)| !others.is_empty());
        shared
    }
}

/// The number of a name: equal in any casing, and hardly ever equal for another name (FNV-1a).
fn number(name: &str) -> u64 {
    let step = |number: u64, byte: u8| (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    const BEGIN: u64 = 0xcbf2_9ce4_8422_2325;
    if name.is_ascii() {
        return name.bytes().map(|byte| byte.to_ascii_lowercase()).fold(BEGIN, step);
    }
    name.to_lowercase().bytes().fold(BEGIN, step)
}

/// Whether two names are equal in any casing.
fn are_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
        || !(one.is_ascii() && other.is_ascii()) && one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::Names;

    const LIST: [&str; 7] = ["Name", "other", "NAME", "ÜBER", "name", "über", "K\u{212a}"];

    #[test]
    fn par_6_a_name_is_found_in_any_casing() {
        let names = Names::new(LIST.into_iter());
        let of = |name| names.of(name, |place| LIST[place]).collect::<Vec<_>>();
        assert_eq!(of("nAME"), [0, 2, 4]);
        assert_eq!(of("OTHER"), [1]);
        assert_eq!(of("Über"), [3, 5]);
        assert_eq!(of("kk"), [6], "the sign of kelvin is a k in lower case");
        assert_eq!(of(""), Vec::<usize>::new());
    }

    #[test]
    fn names_of_several_items_are_told_with_all_of_them() {
        let names = Names::new(LIST.into_iter());
        let mut shared = names.shared(|place| LIST[place]);
        shared.sort();
        assert_eq!(shared, [(0, vec![2, 4]), (3, vec![5])]);
    }
}
