//! The store in a file: SQLite with a write-ahead log, and one thread that owns the connection.
//!
//! ```text
//! elements ── jobs ──▶ │ channel │ ──▶ writer: begin, all jobs that wait, commit ──▶ all answers
//! ```
//!
//! Group commit: whatever waits when a transaction begins goes into it, and is answered after its one sync of the disk.
//! A job that fails does not take those of other elements with it: then each of them gets a transaction of its own. The
//! later commits of its own element fail too, so that none is there without those before it.
//!
//! Rules: SAV-12, SAV-16.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::{future, io};

use rusqlite::TransactionBehavior;
use tokio::sync::{mpsc, oneshot};

use crate::element::world::{Store, StoreError, WorldFuture};
use crate::engine::saved::{Record, Saved};
use crate::model::id::ElementId;
use crate::store::open::{self, Opened};
use crate::store::record::{self, RecordError};

/// Jobs that go into one transaction at most.
const GROUP: usize = 512;

/// A store in a file.
#[derive(Debug)]
pub(super) struct SqliteStore {
    writer: Arc<Writer>,
}

/// The thread that owns the connection. Dropping it waits until everything given to it is on the disk.
#[derive(Debug)]
struct Writer {
    /// Not bounded here: each element bounds what it has under way.
    jobs: Option<mpsc::UnboundedSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// Something to be done with the store, and where the answer goes.
enum Job {
    Load(ElementId, oneshot::Sender<Result<Saved, StoreError>>),
    Commit(ElementId, Vec<Record>, oneshot::Sender<Result<(), StoreError>>),
}

impl SqliteStore {
    /// Opens the file, or makes it, and starts its writer.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let unusable = |error: io::Error| StoreError(format!("{}: {error}", path.display()));
        // Also turns `:memory:`, a name that SQLite gives a meaning, into a file.
        let path = std::path::absolute(path).map_err(unusable)?;
        let opened = open::open(&path)?;
        let (jobs, waiting) = mpsc::unbounded_channel();
        let desk = Desk {
            opened,
            path,
            broken: BTreeSet::new(),
        };
        let thread = thread::Builder::new()
            .name("adit-store".to_owned())
            .spawn(move || desk.write(waiting))
            .map_err(|error| StoreError(format!("the store's thread cannot be started: {error}")))?;
        let writer = Arc::new(Writer {
            jobs: Some(jobs),
            thread: Some(thread),
        });
        Ok(Self { writer })
    }
}

impl Store for SqliteStore {
    fn load(&self, element: ElementId) -> WorldFuture<Result<Saved, StoreError>> {
        self.writer.ask(|reply| Job::Load(element, reply))
    }

    fn commit(&self, element: ElementId, records: Vec<Record>) -> WorldFuture<Result<(), StoreError>> {
        if records.is_empty() {
            return Box::pin(future::ready(Ok(())));
        }
        self.writer.ask(|reply| Job::Commit(element, records, reply))
    }
}

impl Writer {
    /// Hands a job over at once; the future is its answer, and keeps the writer.
    fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job,
    ) -> WorldFuture<Result<T, StoreError>> {
        let ended = || StoreError("the store's thread has ended".to_owned());
        let (reply, answer) = oneshot::channel();
        let sent = self.jobs.as_ref().map(|jobs| jobs.send(job(reply)));
        if !matches!(sent, Some(Ok(()))) {
            return Box::pin(future::ready(Err(ended())));
        }
        let writer = Arc::clone(self);
        Box::pin(async move {
            let answer = answer.await;
            drop(writer);
            answer.map_err(|_| ended())?
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's thread panicked");
        }
    }
}

/// What the writer's thread works with.
struct Desk {
    opened: Opened,
    path: PathBuf,
    /// The elements of which a commit failed, until they are loaded again.
    broken: BTreeSet<ElementId>,
}

impl Desk {
    fn write(mut self, mut waiting: mpsc::UnboundedReceiver<Job>) {
        let mut group = Vec::new();
        while waiting.blocking_recv_many(&mut group, GROUP) > 0 {
            self.perform(std::mem::take(&mut group));
        }
    }

    fn perform(&mut self, group: Vec<Job>) {
        match self.in_one_transaction(&group) {
            Ok(answers) => group
                .into_iter()
                .zip(answers)
                .for_each(|(job, answer)| job.done(answer)),
            Err(error) if group.len() <= 1 => {
                let error = match &error {
                    RecordError::Database(error) => open::explain(&self.path, error),
                    RecordError::Secret(_) | RecordError::Cells { .. } => {
                        StoreError(format!("{}: {error}", self.path.display()))
                    }
                    RecordError::Behind => StoreError(error.to_string()),
                };
                self.broken.extend(group.iter().filter_map(Job::commits_for));
                group.into_iter().for_each(|job| job.failed(&error));
            }
            Err(_) => group.into_iter().for_each(|job| self.perform(vec![job])),
        }
    }

    /// Does the jobs in order. On a failure the transaction is rolled back by its drop.
    fn in_one_transaction(&mut self, group: &[Job]) -> Result<Vec<Saved>, RecordError> {
        let Opened { db, key } = &mut self.opened;
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut answers = Vec::with_capacity(group.len());
        for job in group {
            answers.push(match job {
                Job::Load(element, _) => {
                    self.broken.remove(element);
                    record::load(&transaction, key, *element)?
                }
                Job::Commit(element, ..) if self.broken.contains(element) => return Err(RecordError::Behind),
                Job::Commit(element, records, _) => {
                    for record in records {
                        record::apply(&transaction, key, *element, record)?;
                    }
                    Saved::default()
                }
            });
        }
        transaction.commit()?;
        Ok(answers)
    }
}

impl Job {
    /// The element whose records it commits; none when it does not.
    const fn commits_for(&self) -> Option<ElementId> {
        match self {
            Self::Commit(element, ..) => Some(*element),
            Self::Load(..) => None,
        }
    }

    /// Answers; whoever asked may have gone, which is no failure.
    fn done(self, saved: Saved) {
        match self {
            Self::Load(_, reply) => drop(reply.send(Ok(saved))),
            Self::Commit(_, _, reply) => drop(reply.send(Ok(()))),
        }
    }

    fn failed(self, error: &StoreError) {
        match self {
            Self::Load(_, reply) => drop(reply.send(Err(error.clone()))),
            Self::Commit(_, _, reply) => drop(reply.send(Err(error.clone()))),
        }
    }
}
