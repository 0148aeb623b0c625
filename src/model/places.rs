//! Where the item with an id stands in its list: the look-up that every step of a running element makes.
//!
//! Ids of a definition lie close together, so most are an index into an array; the few far away are in a map. The array
//! has at most four places an item and some more, whatever the ids are.

use std::collections::BTreeMap;

/// Places beyond four an item.
const SPARE: usize = 1024;

/// No item has this id.
const NOBODY: u32 = u32::MAX;

/// The places of the items of one list by id.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Places {
    /// The place by id, [`NOBODY`] where there is none.
    near: Vec<u32>,
    /// The places of the ids beyond.
    far: BTreeMap<u32, u32>,
}

impl Places {
    /// The places of items with these ids, in order. Of equal ids the last one counts.
    pub(crate) fn new(ids: impl Iterator<Item = u32> + Clone) -> Self {
        let most = ids.clone().count() * 4 + SPARE;
        let mut places = Self::default();
        for (id, place) in ids.zip(0..NOBODY) {
            match usize::try_from(id) {
                Ok(index) if index < most => {
                    if places.near.len() <= index {
                        places.near.resize(index + 1, NOBODY);
                    }
                    places.near[index] = place;
                }
                Ok(_) | Err(_) => drop(places.far.insert(id, place)),
            }
        }
        places.near.shrink_to_fit();
        places
    }

    /// The place of the item with this id.
    pub(crate) fn of(&self, id: u32) -> Option<usize> {
        let near = usize::try_from(id).ok().and_then(|index| self.near.get(index));
        let place = match near {
            Some(&NOBODY) => None,
            Some(&place) => Some(place),
            None => self.far.get(&id).copied(),
        };
        usize::try_from(place?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn near_and_far_ids_are_found_and_others_are_not() {
        let ids = [7, 0, 1_000_000, u32::MAX, 500];
        let places = Places::new(ids.into_iter());
        for (place, id) in ids.into_iter().enumerate() {
            assert_eq!(places.of(id), Some(place), "{id}");
        }
        for id in [1, 501, 2000, 999_999, u32::MAX - 1] {
            assert_eq!(places.of(id), None, "{id}");
        }
        assert_eq!(Places::new(std::iter::empty()).of(0), None);
    }

    #[test]
    fn far_ids_cost_no_array() {
        let places = Places::new((0..1000).map(|number| number * 1_000_000));
        assert!(places.near.len() <= 5024 && places.far.len() > 900);
    }
}
