//! Any text as a definition: it loads or it does not, its findings can be printed, and what loads runs.
#![no_main]

use adit::model::param::Param;
use adit::model::value::Value;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some(protocol) = adit_fuzz::load_and_print(text) else {
        return;
    };
    let writes = protocol.parts().params.iter().filter(|param| Param::is_write(param));
    let sets: Vec<_> = writes.take(8).map(|param| (param.id, Value::from("1"))).collect();
    adit_fuzz::run(&protocol, &sets, adit_fuzz::answers("1"));
});
