//! Much at once, long outages, and lives of alarms in which everything goes wrong.

use std::collections::BTreeSet;

use adit::engine::exchange::ExchangeErrorKind;
use serde_json::{Value, json};

use super::rig::Rig;
use super::{create, operation};

/// Numbers without chance: the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn once_each(rig: &Rig, count: usize) {
    let alerts = rig.alerts();
    let aliases: BTreeSet<String> = alerts.iter().map(|alert| alert["alias"].to_string()).collect();
    assert_eq!((alerts.len(), aliases.len()), (count, count));
    let again: Vec<&Value> = alerts.iter().filter(|alert| alert["count"] != 1).collect();
    assert_eq!(again, Vec::<&Value>::new());
}

#[test]
fn a_storm_is_delivered_at_the_rate_that_the_platform_takes() {
    const ALARMS: usize = 500;
    let mut rig = Rig::with_key();
    rig.quiet();
    rig.run_for(1);
    rig.limit(5);
    for first in (0..ALARMS).step_by(100) {
        let texts: Vec<String> = (first..first + 100)
            .flat_map(|n| {
                let close = n % 10 == 0;
                let create = create(&format!("c{n}"), &format!("a{n}"));
                [
                    Some(create),
                    close.then(|| operation("close", &format!("d{n}"), &format!("a{n}"))),
                ]
            })
            .flatten()
            .collect();
        rig.set(51, &format!("[{}]", texts.join(",")));
    }
    let seconds = rig.drain(3_600);
    once_each(&rig, ALARMS);
    let closed = rig.alerts().iter().filter(|alert| alert["status"] == "closed").count();
    assert_eq!(closed, ALARMS / 10);
    assert_eq!(rig.intruders(), 0, "requests in a pause");
    assert_eq!(rig.text(32), "0");
    // 1,100 requests at the least: 220 s when nothing is lost.
    assert!(seconds < 400, "{seconds} s");
}

#[test]
fn days_without_the_platform_lose_nothing() {
    const DAYS: u64 = 2;
    let mut rig = Rig::with_key();
    rig.quiet();
    rig.run_for(1);
    rig.break_network(ExchangeErrorKind::CannotConnect);
    for day in 0..DAYS {
        for n in 0..20 {
            rig.set(51, &create(&format!("c{day}-{n}"), &format!("a{day}-{n}")));
            rig.set(51, &operation("close", &format!("d{day}-{n}"), &format!("a{day}-{n}")));
        }
        rig.run_for(86_400);
    }
    assert_eq!(rig.text(31), (DAYS * 40).to_string());
    // One probe at a time, half a minute apart at the least, and the teams once a minute.
    let most = usize::try_from(DAYS).unwrap() * (2_880 + 1_440);
    assert!(rig.refused() < most, "{}", rig.refused());
    rig.mend_network();
    rig.limit(5);
    rig.drain(3_600);
    once_each(&rig, usize::try_from(DAYS).unwrap() * 20);
    assert!(rig.alerts().iter().all(|alert| alert["status"] == "closed"));
    assert_eq!(rig.intruders(), 0);
}

#[test]
fn alarms_that_cleared_meanwhile_are_left_out_where_that_is_wanted() {
    let mut rig = Rig::with_key();
    rig.set(47, "1");
    rig.run_for(1);
    rig.break_network(ExchangeErrorKind::CannotConnect);
    let texts = [
        create("1", "a"),
        operation("addNote", "2", "a"),
        operation("close", "3", "a"),
        create("4", "a"),
        create("5", "b"),
    ];
    rig.set(51, &format!("[{}]", texts.join(",")));
    rig.run_for(3_600);
    rig.mend_network();
    rig.drain(600);
    let aliases: Vec<Value> = rig.alerts().iter().map(|alert| alert["alias"].clone()).collect();
    assert_eq!(aliases.len(), 2, "{aliases:?}");
    once_each(&rig, 2);
}

#[test]
fn a_thousand_aliases_go_as_fast_as_so_many_at_a_time_allow() {
    const COUNT: u64 = 1_000;
    let mut rig = Rig::with_key();
    rig.run_for(1);
    let texts: Vec<String> = (0..COUNT).map(|n| create(&format!("c{n}"), &format!("a{n}"))).collect();
    rig.set(51, &format!("[{}]", texts.join(",")));
    // Four at a time, 20 ms each: 5 s.
    rig.run_for_millis(5_500);
    assert_eq!(rig.journal_of("create").len(), 1_000);
    rig.run_for(2);
    assert_eq!(rig.text(33), "1000");
}

/// The life of alarms, some of which are open in the end.
struct Lives {
    dice: Dice,
    open: BTreeSet<usize>,
    raised: Vec<usize>,
    number: usize,
}

impl Lives {
    /// What happens next to some alarm.
    fn next(&mut self, alarms: usize) -> String {
        self.number += 1;
        let id = format!("m{}", self.number);
        let alarm = usize::try_from(self.dice.roll(alarms as u64)).unwrap();
        let alias = format!("a{alarm}");
        if !self.open.contains(&alarm) {
            self.open.insert(alarm);
            self.raised[alarm] += 1;
            return create(&id, &alias);
        }
        match self.dice.roll(6) {
            0 | 1 => {
                self.open.remove(&alarm);
                operation("close", &id, &alias)
            }
            2 => operation("acknowledge", &id, &alias),
            3 => operation("updatePriority", &id, &alias),
            4 => operation("addNote", &id, &alias),
            _ => json!({"op": "update", "id": id, "alias": alias, "message": id, "tags": ["t"]}).to_string(),
        }
    }
}

/// So many things happen to so many alarms, with faults of every kind and some kills; the open alerts are the open alarms.
fn live(alarms: usize, happenings: usize, kills: usize) {
    let mut lives = Lives {
        dice: Dice(7),
        open: BTreeSet::new(),
        raised: vec![0; alarms],
        number: 0,
    };
    let faults = [
        "any:503@6%",
        "any:reset@5%",
        "create:lost@6%",
        "close:lost@6%",
        "note:lost@6%",
        "update:lost@6%",
        "any:429@2%",
        "create:swallow@1%",
        "close:swallow@1%",
        "status:500@4%",
        "get:502@4%",
    ];
    let mut rig = Rig::with_key();
    rig.quiet();
    rig.run_for(1);
    rig.faults(&faults);
    for happening in 0..happenings {
        if kills > 0 && happening % (happenings / kills) == 7 {
            rig.kill_after_requests(1 + usize::try_from(lives.dice.roll(6)).unwrap());
        }
        let text = lives.next(alarms);
        loop {
            let answered = rig.replies();
            rig.set(51, &text);
            if rig.replies() > answered {
                break;
            }
            rig = rig.restart();
            rig.run_for(1);
        }
        rig.run_for_millis(200 + lives.dice.roll(400));
        if rig.is_killed() {
            rig = rig.restart();
        }
    }
    if rig.is_killed() {
        rig = rig.restart();
    }
    rig.drain(12 * 3_600);
    rig.faults(&[]);
    assert_eq!(rig.text(32), "0", "{:?}", rig.rows(1000));
    let alerts = rig.alerts();
    for alarm in 0..alarms {
        let of_alarm: Vec<&Value> = alerts
            .iter()
            .filter(|alert| alert["alias"] == format!("a{alarm}"))
            .collect();
        assert_eq!(of_alarm.len(), lives.raised[alarm], "a{alarm}: {of_alarm:?}");
        let open = of_alarm.iter().filter(|alert| alert["status"] == "open").count();
        assert_eq!(open, usize::from(lives.open.contains(&alarm)), "a{alarm}");
        assert!(
            of_alarm.iter().all(|alert| alert["count"] == 1),
            "a{alarm}: {of_alarm:?}"
        );
    }
}

#[test]
fn whatever_goes_wrong_the_open_alerts_are_the_open_alarms() {
    live(20, 120, 10);
}
