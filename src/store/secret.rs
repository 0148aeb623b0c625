//! Secrets at rest: sealed with AES-256-GCM under a key in a file beside the store.
//!
//! A sealed value is bound to its place (element, parameter, row): copied to another place it does not open. The key
//! file is one line, a version and the key in Base64, readable by its owner only.
//!
//! ```text
//! sealed value    nonce (12 bytes), encrypted: kind ('n' or 't') and value, tag (16 bytes)
//! ```
//!
//! Rules: DSP-60, SAV-14.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use crate::model::value::Value;

/// What a key file begins with: the version of its format.
const KEY_FORMAT: &str = "adit-store-key-1 ";

/// The length of a key in bytes.
const KEY_LENGTH: usize = 32;

/// The key of a store.
pub(super) struct Key {
    key: LessSafeKey,
    random: SystemRandom,
}

/// A secret could not be sealed or opened. Says nothing about the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum SecretError {
    /// The system gave no random bytes.
    #[error("a secret could not be encrypted: the system gives no random numbers")]
    Sealing,
    /// It was sealed with another key, for another place, or is damaged.
    #[error("a secret could not be decrypted: it is damaged, or was moved from another place")]
    Opening,
}

impl Key {
    /// A new key, written to a file that only its owner can read.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let random = SystemRandom::new();
        let mut bytes = [0; KEY_LENGTH];
        random
            .fill(&mut bytes)
            .map_err(|_| io::Error::other("the system gives no random numbers"))?;

        // Written under another name first, so that a crash leaves no half a key under the real one.
        let unfinished = path.with_added_extension("new");
        let mut file = private_file(&unfinished)?;
        writeln!(file, "{KEY_FORMAT}{}", BASE64_STANDARD.encode(bytes))?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        sync_folder_of(path)?;
        Ok(Self::new(bytes, random))
    }

    /// The key in the file; none when what is in there is no key.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        let text = fs::read(path)?;
        let bytes = std::str::from_utf8(&text)
            .ok()
            .and_then(|text| text.trim_end().strip_prefix(KEY_FORMAT))
            .and_then(|encoded| BASE64_STANDARD.decode(encoded).ok())
            .and_then(|bytes| <[u8; KEY_LENGTH]>::try_from(bytes).ok());
        Ok(bytes.map(|bytes| Self::new(bytes, SystemRandom::new())))
    }

    fn new(bytes: [u8; KEY_LENGTH], random: SystemRandom) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, &bytes).expect("the key has the length that AES-256 asks for");
        Self {
            key: LessSafeKey::new(key),
            random,
        }
    }

    /// The value, unreadable for whoever has not the key, and of no use in another place.
    pub(super) fn seal(&self, place: &str, value: &Value) -> Result<Vec<u8>, SecretError> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| SecretError::Sealing)?;
        let mut encrypted = plain_bytes(value);
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut encrypted)
            .map_err(|_| SecretError::Sealing)?;
        Ok([nonce.as_slice(), &encrypted].concat())
    }

    /// The value that was sealed for this place.
    pub(super) fn open(&self, place: &str, sealed: &[u8]) -> Result<Value, SecretError> {
        let (nonce, encrypted) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(SecretError::Opening)?;
        let mut encrypted = encrypted.to_vec();
        let plain = self
            .key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place), &mut encrypted)
            .map_err(|_| SecretError::Opening)?;
        plain_value(plain).ok_or(SecretError::Opening)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

fn plain_bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::Uninitialised => Vec::new(),
        Value::Number(number) => [b"n".as_slice(), &number.to_le_bytes()].concat(),
        Value::Text(text) => [b"t", text.as_bytes()].concat(),
    }
}

fn plain_value(bytes: &[u8]) -> Option<Value> {
    match bytes.split_first() {
        None => Some(Value::Uninitialised),
        Some((b'n', number)) => Some(Value::Number(f64::from_le_bytes(number.try_into().ok()?))),
        Some((b't', text)) => Some(Value::text(std::str::from_utf8(text).ok()?)),
        Some(_) => None,
    }
}

/// A new or emptied file that only its owner can read and write.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a new name in a folder durable. Only Unix knows how to sync a folder.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Key, SecretError};
    use crate::model::value::Value;

    fn key() -> (tempfile::TempDir, Key) {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::create(&folder.path().join("store.key")).unwrap();
        (folder, key)
    }

    #[test]
    fn a_sealed_value_opens_with_the_key_read_back_from_its_file() {
        let (folder, key) = key();
        let read = Key::read(&folder.path().join("store.key")).unwrap().unwrap();
        for value in [
            Value::text("GenieKey ü"),
            Value::text(""),
            Value::Number(0.1),
            Value::Uninitialised,
        ] {
            assert_eq!(read.open("1/2", &key.seal("1/2", &value).unwrap()), Ok(value));
        }
    }

    #[test]
    fn equal_secrets_do_not_look_equal() {
        let (_folder, key) = key();
        let value = Value::text("same");
        assert_ne!(key.seal("1/2", &value).unwrap(), key.seal("1/2", &value).unwrap());
    }

    #[test]
    fn err_a_sealed_value_opens_in_its_own_place_only_and_only_undamaged() {
        let (_folder, key) = key();
        let (_other_folder, other) = self::key();
        let sealed = key.seal("1/2", &Value::text("secret")).unwrap();
        assert_eq!(key.open("1/3", &sealed), Err(SecretError::Opening));
        assert_eq!(other.open("1/2", &sealed), Err(SecretError::Opening));
        assert_eq!(key.open("1/2", &sealed[..5]), Err(SecretError::Opening));
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert_eq!(key.open("1/2", &damaged), Err(SecretError::Opening), "byte {at}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_key_file_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;

        let (folder, _key) = key();
        let mode = std::fs::metadata(folder.path().join("store.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
