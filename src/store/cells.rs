//! The saved cells of a row as one value: a MessagePack map from column parameter to number, text or, sealed, binary.
//!
//! Rules: SAV-2, SAV-14.

use rmp::Marker;
use rmp::encode::buffer::ByteBuf;
use rmp::{decode, encode};

use crate::model::id::ParamId;
use crate::store::kept::Kept;

/// The bytes do not hold cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cells of a row cannot be read: they are damaged")]
pub(super) struct DamagedCells;

/// The cells as one value.
pub(super) fn pack(cells: &[(ParamId, Kept<'_>)]) -> Vec<u8> {
    let mut packed = ByteBuf::new();
    let count = u32::try_from(cells.len()).expect("a row has fewer cells than there are parameter ids");
    let Ok(_) = encode::write_map_len(&mut packed, count);
    for (column, cell) in cells {
        let Ok(_) = encode::write_uint(&mut packed, column.0.into());
        let Ok(()) = match cell {
            Kept::Number(number) => encode::write_f64(&mut packed, *number),
            Kept::Text(text) => encode::write_str(&mut packed, text),
            Kept::Sealed(sealed) => encode::write_bin(&mut packed, sealed),
        };
    }
    packed.into_vec()
}

/// The cells of a value, in the order in which they were packed.
pub(super) fn unpack(mut packed: &[u8]) -> Result<Vec<(ParamId, Kept<'_>)>, DamagedCells> {
    let count = decode::read_map_len(&mut packed).map_err(|_| DamagedCells)?;
    // A cell takes two bytes at least: what damaged bytes say is not believed.
    let mut cells = Vec::with_capacity((count as usize).min(packed.len() / 2));
    for _ in 0..count {
        let column = decode::read_int(&mut packed).map_err(|_| DamagedCells)?;
        cells.push((ParamId(column), take_cell(&mut packed)?));
    }
    if packed.is_empty() {
        Ok(cells)
    } else {
        Err(DamagedCells)
    }
}

/// Takes a value off the front.
fn take_cell<'a>(packed: &mut &'a [u8]) -> Result<Kept<'a>, DamagedCells> {
    match Marker::from_u8(*packed.first().ok_or(DamagedCells)?) {
        Marker::F64 => decode::read_f64(packed).map(Kept::Number).map_err(|_| DamagedCells),
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
            let (text, rest) = decode::read_str_from_slice(*packed).map_err(|_| DamagedCells)?;
            *packed = rest;
            Ok(Kept::Text(text))
        }
        Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => {
            let length = decode::read_bin_len(packed).map_err(|_| DamagedCells)?;
            let (sealed, rest) = packed.split_at_checked(length as usize).ok_or(DamagedCells)?;
            *packed = rest;
            Ok(Kept::Sealed(sealed.into()))
        }
        // Nothing else is ever written.
        _ => Err(DamagedCells),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<(ParamId, Kept<'static>)> {
        vec![
            (ParamId(1), Kept::Number(0.1)),
            (ParamId(1002), Kept::Text("Zürich")),
            (ParamId(64_000), Kept::Sealed([0, 255, 7].as_slice().into())),
            (ParamId(5), Kept::Number(f64::NEG_INFINITY)),
        ]
    }

    #[test]
    fn cells_come_back_as_they_were() {
        assert_eq!(unpack(&pack(&sample())), Ok(sample()));
        assert_eq!(unpack(&pack(&[])), Ok(Vec::new()));
    }

    #[test]
    fn err_damaged_cells_are_refused_wherever_they_end() {
        let packed = pack(&sample());
        for end in 0..packed.len() {
            assert_eq!(unpack(&packed[..end]), Err(DamagedCells), "{end} bytes");
        }
        assert_eq!(unpack(&[packed, vec![0]].concat()), Err(DamagedCells));
        // A map of 2^32 - 1 entries, of which there is none.
        assert_eq!(unpack(&[0xdf, 0xff, 0xff, 0xff, 0xff]), Err(DamagedCells));
        // A value of a kind that is never written: nil.
        assert_eq!(unpack(&[0x81, 0x01, 0xc0]), Err(DamagedCells));
    }
}
