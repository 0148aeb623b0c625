//! Which proxy stands before a request: the session's own, the bus address, or the system's.

use adit::engine::exchange::{Proxy, Request};
use adit::testing::Setup;

/// The one request of an element with this bus address, these attributes of its session, and this dynamic IP.
/// Parameter 1 holds a proxy, 2 nothing, 3 a user and 4 a password.
fn request(bus_address: &str, session: &str, target: &str) -> Request {
    let param = |id: u32, options: &str, value: &str| {
        format!(
            "<Param id=\"{id}\"><Name>P{id}</Name><Description>P{id}</Description><Type {options}>read</Type>\
             <Interprete><RawType>other</RawType><Type>string</Type>{value}</Interprete></Param>"
        )
    };
    let params = [
        param(1, "", "<DefaultValue>proxy.test:3128</DefaultValue>"),
        param(2, "", ""),
        param(3, "", "<DefaultValue>operator</DefaultValue>"),
        param(4, "", "<DefaultValue>secret</DefaultValue>"),
        param(5, "options=\"dynamic ip\"", target),
    ];
    let definition = format!(
        "<PortSettings><BusAddress><DefaultValue>{bus_address}</DefaultValue></BusAddress></PortSettings>\
         <Params>{}</Params>\
         <HTTP><Session id=\"1\" {session}><Connection id=\"1\"><Request verb=\"GET\" url=\"/a\" /><Response />\
         </Connection></Session></HTTP>\
         <Groups><Group id=\"1\"><Content><Session>1</Session></Content></Group></Groups>\
         <Timers><Timer id=\"1\"><Time initial=\"true\">60000</Time><Content><Group>1</Group></Content></Timer></Timers>",
        params.concat()
    );
    let element = Setup::new(&definition).device("GET /a -> 200").start();
    let mut requests = element.requests();
    assert_eq!(requests.len(), 1, "{}", element.text());
    requests.remove(0)
}

fn proxy(bus_address: &str, session: &str) -> Proxy {
    request(bus_address, session, "").proxy
}

#[test]
fn prt_14_got_56_bypass_proxy_in_any_casing_means_none() {
    for bus_address in ["ByPassProxy", "bypassproxy", "BYPASSPROXY"] {
        assert_eq!(proxy(bus_address, ""), Proxy::Bypass, "{bus_address}");
    }
    for bus_address in ["1.2", "bypass proxy"] {
        assert_eq!(proxy(bus_address, ""), Proxy::System, "{bus_address}");
    }
    assert_eq!(
        proxy("", ""),
        Proxy::Bypass,
        "an HTTP connection begins with ByPassProxy (PAR-25)"
    );
    let elsewhere = request("byPassProxy", "", "<DefaultValue>10.0.0.1</DefaultValue>");
    assert_eq!(
        (elsewhere.url.as_str(), elsewhere.proxy),
        ("http://10.0.0.1/a", Proxy::Bypass)
    );
}

#[test]
fn prt_15_prt_17_got_55_the_proxy_of_the_session_wins_over_bypass_proxy() {
    let named = |address: &str, credentials: Option<(&str, &str)>| Proxy::Server {
        address: address.to_owned(),
        credentials: credentials.map(|(user, password)| (user.to_owned(), password.to_owned())),
    };
    for bus_address in ["ByPassProxy", ""] {
        let by_parameter = proxy(bus_address, "proxyServer=\"1\" proxyUser=\"3\" proxyPassword=\"4\"");
        assert_eq!(by_parameter, named("proxy.test:3128", Some(("operator", "secret"))));
        let literal = proxy(bus_address, "proxyServer=\"other.test:8080\"");
        assert_eq!(literal, named("other.test:8080", None));
    }
}

#[test]
fn prt_15_a_proxy_that_is_not_filled_in_is_none() {
    assert_eq!(proxy("ByPassProxy", "proxyServer=\"2\" proxyUser=\"3\""), Proxy::Bypass);
    assert_eq!(proxy("1.2", "proxyServer=\"2\" proxyUser=\"3\""), Proxy::System);
}
