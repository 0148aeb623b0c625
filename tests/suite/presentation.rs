//! What a definition says of pages, places, controls and choices, as it stands in the model after loading.

use adit::model::id::ParamId;
use adit::model::measurement::{Listed, MeasurementKind, Title};
use adit::model::page::{Page, PageKind};
use adit::model::param::{Param, ParamKind};
use adit::model::protocol::Protocol;
use adit::model::value::Value;
use adit::schema::load;

/// A definition with this `Display` and these parameters.
fn protocol(display: &str, params: &[String]) -> Protocol {
    let text = format!(
        "<Protocol><Name>P</Name><Version>1</Version><Type>virtual</Type>{display}<Params>{}</Params></Protocol>",
        params.concat()
    );
    load("presentation.xml", &text).protocol.unwrap()
}

/// A shown parameter with these places (`page row column`) and this further content.
fn param(id: u32, name: &str, kind: &str, places: &[&str], inside: &str) -> String {
    let position = |place: &&str| {
        let mut words = place.split(' ');
        let mut word = || words.next().unwrap();
        let (page, row, column) = (word(), word(), word());
        format!("<Position><Page>{page}</Page><Row>{row}</Row><Column>{column}</Column></Position>")
    };
    let positions: String = places.iter().map(position).collect();
    format!(
        "<Param id='{id}'><Name>{name}</Name><Description>{name}</Description><Type>{kind}</Type><Interprete>\
         <RawType>other</RawType><LengthType>next param</LengthType><Type>string</Type></Interprete><Display>\
         <RTDisplay>true</RTDisplay><Positions>{positions}</Positions></Display>{inside}</Param>"
    )
}

fn find(protocol: &Protocol, id: u32) -> &Param {
    protocol.param(ParamId(id)).unwrap()
}

fn names(protocol: &Protocol) -> Vec<&str> {
    protocol.parts().pages.iter().map(|page| page.name.as_str()).collect()
}

#[test]
fn dsp_106_dsp_107_gop_34_pages_stand_in_their_order_then_by_name() {
    let params = [
        param(1, "A", "read", &["Zoo 0 0", "General 0 0"], ""),
        param(2, "B", "read", &["Attic 0 0", "general 0 0"], ""),
    ];
    let protocol = protocol("<Display pageOrder=' General ;-----;Zoo;-----;Empty'/>", &params);
    assert_eq!(
        names(&protocol),
        ["General", "-----", "Zoo", "-----", "Empty", "Attic", "general"]
    );
    let separators = protocol
        .parts()
        .pages
        .iter()
        .filter(|page| page.kind == PageKind::Separator);
    assert_eq!(separators.count(), 2, "a separator may repeat");
}

#[test]
fn dsp_109_the_first_page_that_is_no_separator_opens_unless_another_is_named() {
    let params = [param(1, "A", "read", &["General 0 0", "Setup 0 0"], "")];
    let opened = |display: &str| protocol(display, &params).parts().default_page.clone().unwrap();
    assert_eq!(
        opened("<Display defaultPage='Setup' pageOrder='General;Setup'/>"),
        "Setup"
    );
    assert_eq!(
        opened("<Display defaultPage='Nowhere' pageOrder='---;Setup;General'/>"),
        "Setup"
    );
    assert_eq!(
        opened("<Display pageOrder='Web#http://[Polling IP]/;General;Setup'/>"),
        "Web"
    );
}

#[test]
fn dsp_110_wide_pages_are_listed() {
    let params = [param(1, "A", "read", &["General 0 0", "Rows 0 0"], "")];
    let protocol = protocol("<Display pageOrder='General;Rows' wideColumnPages='Rows'/>", &params);
    let wide: Vec<bool> = protocol.parts().pages.iter().map(|page| page.wide).collect();
    assert_eq!(wide, [false, true]);
}

#[test]
fn dsp_112_gop_23_a_page_is_shown_or_hidden_while_a_parameter_has_a_raw_value() {
    let params = [param(1, "A", "read", &["General 0 0", "Rows 0 0"], "")];
    let visible = |default: &str, value: Value| {
        let visibility = format!(
            "<Display pageOrder='General;Rows'><Pages><Page><Name>Rows</Name>\
             <Visibility default='{default}' overridePID='1' value='on'/></Page></Pages></Display>"
        );
        let protocol = protocol(&visibility, &params);
        let pages = protocol.parts().pages.clone();
        pages
            .iter()
            .map(|page: &Page| page.is_visible(|_| value.clone()))
            .collect::<Vec<bool>>()
    };
    assert_eq!(visible("true", "on".into()), [true, false]);
    assert_eq!(visible("true", "off".into()), [true, true]);
    assert_eq!(visible("false", "on".into()), [true, true]);
    assert_eq!(visible("false", Value::Uninitialised), [true, false]);
    assert_eq!(
        visible("perhaps", "on".into()),
        [true, true],
        "what is neither counts as false"
    );
}

#[test]
fn dsp_37_dsp_38_a_page_button_opens_a_popup_that_is_not_listed() {
    let button = "<Measurement><Type>pagebutton</Type><Discreets><Discreet><Display>More...</Display>\
                  <Value>More</Value></Discreet></Discreets></Measurement>";
    let params = [
        param(1, "Open", "write", &["General 0 0"], button),
        param(2, "B", "read", &["More 0 0"], ""),
    ];
    let protocol = protocol("<Display pageOrder='General;More'/>", &params);
    let kinds: Vec<&PageKind> = protocol.parts().pages.iter().map(|page| &page.kind).collect();
    assert_eq!(names(&protocol), ["General", "More"]);
    assert_eq!(kinds, [&PageKind::Data, &PageKind::Popup]);
}

#[test]
fn dsp_100_dsp_104_dsp_105_places_are_kept_when_they_are_whole() {
    let text = param(1, "A", "read", &["General 3 1", "Setup 0 0"], "")
        .replace("<Page>Setup", "<Page measType='progress'>Setup")
        .replace(
            "</Positions>",
            "<Position><Page>Lost</Page><Row>1</Row></Position></Positions>",
        );
    let protocol = protocol("", &[text]);
    let places = &find(&protocol, 1).display.positions;
    let shown: Vec<(&str, u32, u32)> = places.iter().map(|at| (at.page.as_str(), at.row, at.column)).collect();
    assert_eq!(shown, [("General", 3, 1), ("Setup", 0, 0)]);
    let kinds: Vec<Option<MeasurementKind>> = places.iter().map(|at| at.measurement).collect();
    assert_eq!(kinds, [None, Some(MeasurementKind::Progress)]);
}

#[test]
fn par_7_par_14_names_join_a_read_and_its_write_whatever_their_ids() {
    let params = [
        param(1, "Mode", "READ", &[], ""),
        param(900, " mode ", " Write ", &[], ""),
        param(2, "Other", "read", &[], ""),
    ];
    let protocol = protocol("", &params);
    let partners = [1, 900, 2].map(|id| find(&protocol, id).partner.map(|partner| partner.0));
    assert_eq!(partners, [Some(900), Some(1), None]);
    assert_eq!(find(&protocol, 900).kind, ParamKind::Write);
}

#[test]
fn par_12_information_is_kept_for_clients() {
    let inside = "<Information><Text>Title</Text><Subtext>Body</Subtext><Category>Audio</Category>\
                  <CorrectiveAction>Call</CorrectiveAction><AlarmDescription>Loud</AlarmDescription></Information>";
    let protocol = protocol("", &[param(1, "A", "read", &[], inside)]);
    let told = find(&protocol, 1).information.as_ref().expect("it is given");
    let texts = [
        &told.title,
        &told.tooltip,
        &told.category,
        &told.corrective_action,
        &told.alarm_description,
    ];
    assert_eq!(texts, ["Title", "Body", "Audio", "Call", "Loud"]);
}

#[test]
fn dsp_30_dsp_39_each_measurement_has_its_control() {
    let title = |id, options: &str| {
        let inside = format!("<Measurement><Type{options}>title</Type></Measurement>");
        param(id, &format!("T{id}"), "fixed", &[], &inside)
    };
    let kind = |id, word: &str| {
        let inside = format!("<Measurement><Type>{word}</Type></Measurement>");
        param(id, &format!("K{id}"), "read", &[], &inside)
    };
    let params = [
        title(1, ""),
        title(2, " options='begin'"),
        title(3, " options=';END'"),
        kind(4, "Number"),
        kind(5, " STRING "),
        kind(6, "progress"),
        kind(7, "analog"),
        kind(8, "chart"),
    ];
    let protocol = protocol("", &params);
    let kinds = [1, 2, 3, 4, 5, 6, 7, 8].map(|id| find(&protocol, id).measurement.as_ref().unwrap().kind);
    let expected = [
        MeasurementKind::Title(Title::Heading),
        MeasurementKind::Title(Title::Begin),
        MeasurementKind::Title(Title::End),
        MeasurementKind::Number,
        MeasurementKind::Text,
        MeasurementKind::Progress,
        MeasurementKind::Analog,
        MeasurementKind::Chart,
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn dsp_77_options_of_a_discreet_are_kept_or_understood() {
    let inside = "<Measurement><Type>button</Type><Discreets><Discreet options='level=2;confirm:Sure?;disabled=1,a,\\empty'>\
                  <Display>Go</Display><Value>go</Value></Discreet></Discreets></Measurement>";
    let params = [param(1, "A", "read", &[], ""), param(2, "B", "write", &[], inside)];
    let protocol = protocol("", &params);
    let choice = &find(&protocol, 2).measurement.as_ref().unwrap().discreets[0];
    let rule = choice.availability.as_ref().unwrap();
    assert_eq!(
        (choice.level, choice.options.as_slice()),
        (Some(2), ["confirm:Sure?".to_owned()].as_slice())
    );
    assert_eq!((rule.param, rule.listed), (ParamId(1), Listed::Disables));
    assert_eq!(rule.values, [Value::from("a"), Value::Uninitialised]);
}

#[test]
fn par_47_the_level_is_kept_and_everybody_sees_what_has_none() {
    let with = param(1, "A", "read", &[], "").replace("<Param ", "<Param level='3' ");
    let protocol = protocol("", &[with, param(2, "B", "read", &[], "")]);
    assert_eq!([1, 2].map(|id| find(&protocol, id).level), [3, u32::MAX]);
}
