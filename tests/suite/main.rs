//! The tests of adit from outside its modules: one file a topic.

mod store;
