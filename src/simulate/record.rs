//! A network that passes every request on to another one, and writes what was exchanged to a HAR file.
//!
//! ```text
//! element ─ effects ─▶ secrets ─┐
//!    └─ request ─▶ network ─▶ exchange without secrets ─▶ a line of the file, which is whole after each
//! ```
//!
//! Credentials and cookies never get into the file. Values of secret parameters are masked wherever they occur; a secret
//! that becomes known after an exchange that carries it, such as a token from a login, is taken out of the file then.
//! Nothing but the secrets is kept in memory. A file that has become too large, or cannot be written, ends the recording
//! but not the element. Writing goes to the system's cache and is short, so the element's task does it itself.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::element::world::{Clock, Network, TraceSink, TraceSinks, Transport, World, WorldFuture};
use crate::engine::effect::Effect;
use crate::engine::exchange::{ExchangeError, Request, Response, TransportId};
use crate::model::id::ElementId;
use crate::model::moment::Moment;
use crate::model::protocol::Protocol;
use crate::simulate::har;
use crate::simulate::recorded::{entry, mask};
use crate::simulate::secrets::Secrets;

/// The size at which a recording ends, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;

/// What a file begins with, before its entries.
const HEAD: &str = concat!(
    "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"adit\",\"version\":\"",
    env!("CARGO_PKG_VERSION"),
    "\"},\"entries\":["
);

/// What a file ends with, behind its entries.
const TAIL: &str = "\n]}}\n";

/// A recording.
#[derive(Clone)]
pub struct Recorder {
    /// Locked to write an exchange or to learn a secret; nothing is awaited meanwhile.
    tape: Arc<Mutex<Tape>>,
}

/// What came of a recording.
#[derive(Debug)]
pub struct Recorded {
    /// The exchanges that are in the file.
    pub exchanges: u64,
    /// Why it ended before its time.
    pub ended: Option<String>,
}

impl Recorder {
    /// A recording to a file, which is emptied when there is one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        let tape = Tape::create(path)?;
        Ok(Self {
            tape: Arc::new(Mutex::new(tape)),
        })
    }

    /// The same world, recorded; the definitions tell which values are secrets.
    #[must_use]
    pub fn around(&self, world: World, protocols: BTreeMap<ElementId, Arc<Protocol>>) -> World {
        let network = RecordedNetwork {
            inner: world.network,
            clock: Arc::clone(&world.clock),
            tape: Arc::clone(&self.tape),
        };
        let (tape, inner) = (Arc::clone(&self.tape), world.trace);
        let sinks: TraceSinks = Arc::new(move |element| {
            Box::new(Learning {
                protocol: protocols.get(&element).cloned(),
                tape: Arc::clone(&tape),
                inner: inner.as_ref().map(|inner| inner(element)),
            })
        });
        World {
            network: Arc::new(network),
            trace: Some(sinks),
            ..world
        }
    }

    /// What has been recorded so far.
    #[must_use]
    pub fn recorded(&self) -> Recorded {
        let tape = self.tape.lock();
        Recorded {
            exchanges: tape.entries,
            ended: tape.ended.clone(),
        }
    }
}

struct RecordedNetwork {
    inner: Arc<dyn Network>,
    clock: Arc<dyn Clock>,
    tape: Arc<Mutex<Tape>>,
}

impl Network for RecordedNetwork {
    fn transport(&self, element: ElementId) -> Arc<dyn Transport> {
        Arc::new(RecordedTransport {
            inner: self.inner.transport(element),
            clock: Arc::clone(&self.clock),
            tape: Arc::clone(&self.tape),
        })
    }
}

struct RecordedTransport {
    inner: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    tape: Arc<Mutex<Tape>>,
}

impl Transport for RecordedTransport {
    /// A request that is given up is not recorded: there is no answer to replay.
    fn send(&self, request: Request) -> WorldFuture<Result<Response, ExchangeError>> {
        let started = self.clock.unix_ms();
        let tape = Arc::clone(&self.tape);
        let exchange = self.inner.send(request.clone());
        Box::pin(async move {
            let begun = Instant::now();
            let answer = exchange.await;
            tape.lock().add(entry(&request, &answer, started, begun.elapsed()));
            answer
        })
    }

    fn close(&self, transport: TransportId) {
        self.inner.close(transport);
    }
}

/// Learns the secrets of an element from what it does.
struct Learning {
    protocol: Option<Arc<Protocol>>,
    tape: Arc<Mutex<Tape>>,
    inner: Option<Box<dyn TraceSink>>,
}

impl TraceSink for Learning {
    fn record(&mut self, at: Moment, effect: &Effect) {
        if let Some(protocol) = &self.protocol {
            self.tape.lock().learn(protocol, effect);
        }
        if let Some(inner) = &mut self.inner {
            inner.record(at, effect);
        }
    }
}

/// The file, and what must not be in it.
struct Tape {
    path: PathBuf,
    file: File,
    /// Where the tail begins.
    end: u64,
    /// Where the recording ends.
    largest: u64,
    entries: u64,
    secrets: Secrets,
    /// Why nothing more is recorded.
    ended: Option<String>,
}

impl Tape {
    fn create(path: &Path) -> io::Result<Self> {
        let mut file = own_file(path)?;
        file.write_all(format!("{HEAD}{TAIL}").as_bytes())?;
        Ok(Self {
            path: path.to_owned(),
            file,
            end: HEAD.len() as u64,
            largest: LARGEST,
            entries: 0,
            secrets: Secrets::default(),
            ended: None,
        })
    }

    fn add(&mut self, mut entry: har::Entry) {
        if self.ended.is_some() {
            return;
        }
        mask(&mut entry, &self.secrets);
        if let Err(error) = self.append(&entry) {
            self.give_up(&error);
        } else if self.end > self.largest {
            self.finish(format!("it has reached its size limit of {} MiB", self.largest >> 20));
        }
    }

    /// Adds a line. The tail moves with it, in the same write, so that the file is whole at any time.
    fn append(&mut self, entry: &har::Entry) -> io::Result<()> {
        let comma = if self.entries == 0 { "" } else { "," };
        let line = format!("{comma}\n{}", serde_json::to_string(entry)?);
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(format!("{line}{TAIL}").as_bytes())?;
        self.end += line.len() as u64;
        self.entries += 1;
        Ok(())
    }

    fn learn(&mut self, protocol: &Protocol, effect: &Effect) {
        if self.secrets.learn(protocol, effect)
            && self.entries > 0
            && let Err(error) = self.mask_again()
        {
            self.give_up(&error);
        }
    }

    /// Takes a new secret out of what is written: into a new file beside it, which takes its place.
    fn mask_again(&mut self) -> io::Result<()> {
        let mut path = self.path.clone().into_os_string();
        path.push(".part");
        let path = PathBuf::from(path);
        let mut copy = BufWriter::new(own_file(&path)?);
        copy.write_all(HEAD.as_bytes())?;
        let mut end = HEAD.len() as u64;
        self.file.seek(SeekFrom::Start(HEAD.len() as u64))?;
        let written = (&mut self.file).take(self.end - HEAD.len() as u64);
        // The first line is empty: an entry begins with a line end.
        for line in BufReader::new(written).lines().skip(1) {
            let line = line?;
            let mut entry: har::Entry = serde_json::from_str(line.trim_end_matches(','))?;
            mask(&mut entry, &self.secrets);
            let comma = if line.ends_with(',') { "," } else { "" };
            let line = format!("\n{}{comma}", serde_json::to_string(&entry)?);
            copy.write_all(line.as_bytes())?;
            end += line.len() as u64;
        }
        copy.write_all(TAIL.as_bytes())?;
        let copy = copy.into_inner().map_err(io::IntoInnerError::into_error)?;
        fs::rename(&path, &self.path)?;
        (self.file, self.end) = (copy, end);
        Ok(())
    }

    fn give_up(&mut self, error: &io::Error) {
        self.finish(format!("it cannot be written: {error}"));
    }

    fn finish(&mut self, why: String) {
        tracing::warn!("the recording {} has ended: {why}", self.path.display());
        self.ended = Some(why);
    }
}

/// A new, empty file that nobody else may read, where the system has that: devices answer with more than secrets.
fn own_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Tape;
    use crate::simulate::cassette::Cassette;
    use crate::simulate::har::Entry;

    #[test]
    fn a_recording_ends_when_it_is_too_large_and_the_file_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.har");
        let mut tape = Tape::create(&file).unwrap();
        tape.largest = 1000;
        for _ in 0..100 {
            let mut entry = Entry::default();
            entry.request.url = "http://device/a".to_owned();
            tape.add(entry);
            let cassette = Cassette::parse(&fs::read_to_string(&file).unwrap()).unwrap();
            assert_eq!(cassette.exchanges.len() as u64, tape.entries);
        }
        assert!((2..10).contains(&tape.entries), "{}", tape.entries);
        assert_eq!(tape.ended.as_deref(), Some("it has reached its size limit of 0 MiB"));
    }

    #[test]
    fn a_secret_is_taken_out_of_every_line_and_the_recording_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.har");
        let mut tape = Tape::create(&file).unwrap();
        let entry = |path: &str| {
            let mut entry = Entry::default();
            entry.request.url = format!("http://device/{path}");
            entry
        };
        for path in ["s3cret", "b", "c?d=s%33cret"] {
            tape.add(entry(path));
        }
        tape.secrets.add("s3cret".into());
        tape.mask_again().unwrap();
        tape.add(entry("s3cret/e"));
        let cassette = Cassette::parse(&fs::read_to_string(&file).unwrap()).unwrap();
        let urls = cassette
            .exchanges
            .iter()
            .map(|exchange| exchange.url.trim_start_matches("http://device"));
        assert_eq!(urls.collect::<Vec<_>>(), ["/***", "/b", "/c?d=***", "/***/e"]);
    }
}
