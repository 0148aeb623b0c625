//! What an operator should know about the future of the service: Opsgenie's API stops on 5 April 2027.

use crate::connectors::opsgenie::parameters::{PLATFORM_NOTICE, SERVICE};
use crate::connectors::opsgenie::service::Service;
use crate::engine::sl_protocol::SlProtocol;

/// 5 April 2027, in milliseconds since 1970.
const END_MS: i64 = 1_806_883_200_000;
/// How many days before it the notice appears.
const NOTICE_DAYS: i64 = 60;
const DAY_MS: i64 = 86_400_000;

/// Shows the notice, when it is another one than before.
pub(super) async fn show(protocol: &SlProtocol) {
    let service = Service::of(protocol.get_number(SERVICE).await);
    let notice = notice(service, protocol.unix_ms().await);
    if *protocol.get_text(PLATFORM_NOTICE).await != *notice {
        protocol.set(PLATFORM_NOTICE, notice).await;
    }
}

fn notice(service: Service, now: i64) -> String {
    let days = (END_MS - now).div_euclid(DAY_MS) + i64::from((END_MS - now).rem_euclid(DAY_MS) > 0);
    match service {
        Service::Events | Service::Operations => "None".to_owned(),
        Service::Opsgenie if days > NOTICE_DAYS => "None".to_owned(),
        Service::Opsgenie if days > 0 => format!(
            "Opsgenie stops on 5 April 2027, in {days} days: change Platform, the address and the key to those of Jira \
             Service Management"
        ),
        Service::Opsgenie => {
            "Opsgenie stopped on 5 April 2027: change Platform, the address and the key to those of Jira \
             Service Management"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notice_appears_60_days_before_the_end() {
        let first = |days: i64| notice(Service::Opsgenie, END_MS - days * DAY_MS);
        assert_eq!(first(61), "None");
        assert!(first(60).starts_with("Opsgenie stops on 5 April 2027, in 60 days: "));
        assert!(first(0).starts_with("Opsgenie stopped on 5 April 2027"));
        assert_eq!(notice(Service::Events, END_MS), "None");
        let end: jiff::Timestamp = "2027-04-05T00:00:00Z".parse().unwrap();
        assert_eq!(end.as_millisecond(), END_MS);
    }
}
