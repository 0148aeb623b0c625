//! `Alarm@options` `propertyNames` and `properties`: what the records of an alarm say beside its value.
//!
//! `propertyNames:A,B;properties:|4|*INT:*303`: the first sign separates one format a name, `*` the parts of a format; a
//! part of digits is a parameter.
//!
//! Rules: ALM-22.

use crate::model::alarm::{Property, PropertyPart};
use crate::model::id::ParamId;
use crate::model::param::Param;
use crate::schema::codes;
use crate::schema::lower::Lowering;
use crate::schema::reader::Field;
use crate::schema::tree::Node;

/// The properties of the alarms of a parameter. Those of linked rows have no way yet.
pub(super) fn properties(cx: &mut Lowering<'_>, tag: Node<'_>, param: &Param) -> Vec<Property> {
    let Some(options) = tag.attribute("options") else {
        return Vec::new();
    };
    let option = |name: &str| options.parts(';').find_map(|option| option.strip_prefix(name));
    let (Some(names), Some(formats)) = (option("propertyNames:"), option("properties:")) else {
        return Vec::new();
    };
    let Some(separator) = formats.text().chars().next() else {
        return Vec::new();
    };
    let formats: Vec<Field<'_>> = formats.parts(separator).skip(1).collect();
    let names = names.parts(',').filter(|name| !name.is_empty());
    let property = |(name, format): (Field<'_>, &Field<'_>)| Property {
        name: name.text().to_owned(),
        parts: format
            .parts('*')
            .filter_map(|part| self::part(cx, part, param))
            .collect(),
    };
    names.zip(&formats).map(property).collect()
}

/// A part of a format; none for an id that is unknown, which is told.
fn part(cx: &mut Lowering<'_>, part: Field<'_>, param: &Param) -> Option<PropertyPart> {
    let text = part.text();
    if text.is_empty() || !text.bytes().all(|sign| sign.is_ascii_digit()) {
        return (!part.raw().is_empty()).then(|| PropertyPart::Text(part.raw().to_owned()));
    }
    let id = cx.param(part, &codes::ALARM_PARAM_UNKNOWN)?;
    cx.expect_displayed(id, part.span(), &codes::ALARM_OPTION_RTDISPLAY);
    let own = param.column_of.map(|column| column.table);
    let there = cx.columns.get(&id).map(|column| column.table);
    let away: Option<(ParamId, ParamId)> = own.zip(there).filter(|(own, there)| own != there);
    let link = away.and_then(|(own, _)| cx.ways.as_ref()?.away(own, id));
    Some(PropertyPart::Value(id, link))
}
