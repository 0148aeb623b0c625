//! STAND-IN for the engine, with its outer face only; not for main.
#![allow(missing_docs, clippy::missing_const_for_fn)]

use std::sync::Arc;

use crate::engine::effect::{Effect, Origin, ParameterChange, Seen};
use crate::engine::event::Event;
use crate::engine::exchange::{CertificateCheck, Proxy, Request, RequestId, TransportId};
use crate::engine::qaction::QActionSet;
use crate::engine::saved::Record;
use crate::engine::settings::ElementSettings;
use crate::model::id::{ConnectionId, ParamId};
use crate::model::moment::{Moment, Span};
use crate::model::protocol::Protocol;
use crate::model::value::Value;

#[derive(Debug)]
pub struct EngineOptions {
    pub trace: bool,
    pub seed: u64,
}

#[derive(Debug)]
pub struct Engine {
    protocol: Arc<Protocol>,
    wake: Option<Moment>,
    requests: u64,
}

impl Engine {
    #[must_use]
    pub fn new(protocol: Arc<Protocol>, _: ElementSettings, _: QActionSet, _: EngineOptions) -> Self {
        Self {
            protocol,
            wake: None,
            requests: 0,
        }
    }

    #[must_use]
    pub fn handle(&mut self, event: Event, now: Moment) -> Vec<Effect> {
        match event {
            Event::Start { saved, .. } => {
                let change = |(id, value)| changed(id, value, Origin::Store);
                saved.params.into_iter().map(change).collect()
            }
            Event::Set(set) => {
                let mut effects = vec![changed(set.param, set.value.clone(), Origin::User)];
                if self.protocol.param(set.param).is_some_and(|param| param.save) {
                    effects.push(Effect::Save(Record::Param {
                        id: set.param,
                        value: set.value.clone(),
                        secret: false,
                    }));
                }
                match set.param.0 {
                    901 => panic!("crashed as asked"),
                    902 => {
                        self.requests += 1;
                        effects.push(Effect::Send(RequestId(self.requests), request()));
                    }
                    903 => self.wake = Some(now + Span(1000)),
                    _ => {}
                }
                effects.push(Effect::Reply(set.id, Ok(())));
                effects
            }
            Event::Answered(_, answer) => {
                let status = answer.map_or(0.0, |response| f64::from(response.status));
                vec![changed(ParamId(3), Value::Number(status), Origin::User)]
            }
            Event::Tick => {
                self.wake = None;
                let at = Value::Number(now.0 as f64);
                vec![changed(ParamId(4), at, Origin::User)]
            }
            Event::Pause | Event::Resume | Event::Stop => Vec::new(),
        }
    }

    #[must_use]
    pub fn next_wakeup(&self) -> Option<Moment> {
        self.wake
    }
}

fn changed(id: ParamId, value: Value, by: Origin) -> Effect {
    Effect::Parameter(ParameterChange {
        id,
        value,
        by,
        differs: true,
        seen: Seen::Everywhere,
    })
}

fn request() -> Request {
    Request {
        session: None,
        exchange: None,
        connection: ConnectionId(0),
        method: "GET".to_owned(),
        url: "http://device/".to_owned(),
        headers: Vec::new(),
        body: [].into(),
        timeout: Span(1500),
        transport: TransportId(0),
        proxy: Proxy::Bypass,
        certificate: CertificateCheck::Verify,
    }
}
