//! Credentials at rest: sealed with AES-256-GCM, under a key that is not in the database.

use crate::error::{Error, Result};
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use sluice_connect::{ExposeSecret as _, SecretString};
use sluice_model::id::Random;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;

/// The first byte of what is sealed in the present form: version, key id, nonce, ciphertext with its tag.
const VERSION: u8 = 1;
const KEY_BYTES: usize = 32;
const ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 12;

/// Seals credentials and opens them again. Cloning gives a further handle.
#[derive(Clone)]
pub struct Vault(Arc<Vec<Key>>);

struct Key {
    /// Tells keys apart; says nothing of the key.
    id: [u8; ID_BYTES],
    cipher: Aes256Gcm,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// A vault with these keys: the first seals, all open.
    #[must_use]
    pub fn new(keys: &[[u8; KEY_BYTES]]) -> Self {
        let key = |bytes: &[u8; KEY_BYTES]| Key { id: key_id(bytes), cipher: Aes256Gcm::new(bytes.into()) };
        Self(Arc::new(keys.iter().map(key).collect()))
    }

    /// Reads keys as they are configured: each the base64 of 32 bytes, with commas between, the present one first.
    ///
    /// # Errors
    /// [`Error::Conflict`] when they are not of this form.
    pub fn parse(text: &SecretString) -> Result<Self> {
        let mut keys = Vec::new();
        for part in text.expose_secret().split(',') {
            let bytes = STANDARD.decode(part.trim()).ok();
            let key = bytes.and_then(|bytes| <[u8; KEY_BYTES]>::try_from(bytes).ok());
            let text = "a secret key must be the base64 of 32 bytes, several with commas between";
            keys.push(key.ok_or_else(|| Error::Conflict(text.to_owned()))?);
        }
        Ok(Self::new(&keys))
    }

    /// Reads keys from a file, one a line, the present one first. Without the file a key is made and kept there, for
    /// its owner alone.
    ///
    /// # Errors
    /// [`Error::Conflict`] when others than its owner may read the file, or it holds no key; [`Error::Unavailable`]
    /// when it cannot be read or made.
    pub fn of_file(path: &Path, random: &dyn Random) -> Result<Self> {
        if !path.exists() {
            make_file(path, random).map_err(|error| unreadable(path, &error))?;
        }
        let mode = fs::metadata(path).map_err(|error| unreadable(path, &error))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(Error::Conflict(format!(
                "others than its owner may use the key file {} (mode {mode:03o}): run chmod 600 on it",
                path.display()
            )));
        }
        let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let bad = |_| Error::Conflict(format!("the key file {} holds no valid key", path.display()));
        Self::parse(&SecretString::from(lines.join(","))).map_err(bad)
    }

    /// Seals a secret of an organisation for the connector of this name. It can be opened for the same two only.
    ///
    /// # Errors
    /// [`Error::Internal`] without a key.
    pub fn seal(
        &self,
        random: &dyn Random,
        organisation: &str,
        name: &str,
        secret: &SecretString,
    ) -> Result<Vec<u8>> {
        let key = self.0.first().ok_or_else(|| Error::Internal("the vault has no key".to_owned()))?;
        let mut nonce = [0_u8; NONCE_BYTES];
        random.fill(&mut nonce);
        let aad = place(organisation, name);
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: &aad };
        let sealed = key.cipher.encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Error::Internal("a secret cannot be sealed".to_owned()))?;
        Ok([&[VERSION][..], &key.id, &nonce, &sealed].concat())
    }

    /// Opens what [`Vault::seal`] made.
    ///
    /// # Errors
    /// [`Error::Conflict`] when its key is missing; [`Error::Internal`] when it was changed, or sealed for another
    /// organisation or name.
    pub fn open(&self, organisation: &str, name: &str, sealed: &[u8]) -> Result<SecretString> {
        let damaged = || Error::Internal(format!("the credential of connector '{name}' is damaged"));
        let (version, rest) = sealed.split_first().ok_or_else(damaged)?;
        let (id, rest) = rest.split_first_chunk::<ID_BYTES>().ok_or_else(damaged)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
        if *version != VERSION {
            return Err(damaged());
        }
        let key = self.0.iter().find(|key| key.id == *id).ok_or_else(|| {
            Error::Conflict(format!(
                "The credential of connector '{name}' was sealed with a key that this server does not have: set it anew"
            ))
        })?;
        let aad = place(organisation, name);
        let opened = key.cipher.decrypt(&Nonce::from(*nonce), Payload { msg: text, aad: &aad });
        let text = String::from_utf8(opened.map_err(|_| damaged())?).map_err(|_| damaged())?;
        Ok(SecretString::from(text))
    }
}

/// What a secret is bound to. Lengths keep the parts apart.
fn place(organisation: &str, name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for part in [organisation, name] {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part.as_bytes());
    }
    out
}

fn key_id(key: &[u8; KEY_BYTES]) -> [u8; ID_BYTES] {
    let digest: [u8; 32] = Sha256::new().chain_update("sluice key id").chain_update(key).finalize().into();
    std::array::from_fn(|at| digest.get(at).copied().unwrap_or_default())
}

/// Makes the file whole or not at all: of two processes that start at once one makes it, and both read it.
fn make_file(path: &Path, random: &dyn Random) -> std::io::Result<()> {
    let (mut key, mut suffix) = ([0_u8; KEY_BYTES], [0_u8; 8]);
    random.fill(&mut key);
    random.fill(&mut suffix);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{:016x}", u64::from_be_bytes(suffix)));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&name)?;
    let written =
        file.write_all(format!("{}\n", STANDARD.encode(key)).as_bytes()).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| match fs::hard_link(&name, path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    fs::remove_file(&name)?;
    linked
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::Unavailable(format!("cannot use the key file {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::Vault;
    use crate::error::Error;
    use sluice_connect::{ExposeSecret as _, SecretString};
    use sluice_model::id::Random;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[derive(Default)]
    struct Counting(AtomicU64);

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            let number = self.0.fetch_add(1, Ordering::SeqCst).to_le_bytes();
            bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, part)| *byte = *part);
        }
    }

    fn seal(vault: &Vault, random: &Counting) -> Vec<u8> {
        vault.seal(random, "org_a", "finder", &SecretString::from("s3cret")).expect("sealed")
    }

    fn opened(vault: &Vault, organisation: &str, name: &str, sealed: &[u8]) -> Result<String, Error> {
        vault.open(organisation, name, sealed).map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let (vault, random) = (Vault::new(&[[1; 32]]), Counting::default());
        let sealed = seal(&vault, &random);
        assert_eq!(opened(&vault, "org_a", "finder", &sealed).ok().as_deref(), Some("s3cret"));
        assert_ne!(seal(&vault, &random), sealed, "another nonce");
        assert!(!sealed.windows(6).any(|window| window == b"s3cret"));
        for (organisation, name) in [("org_b", "finder"), ("org_a", "other"), ("org_af", "inder"), ("", "")] {
            assert!(matches!(opened(&vault, organisation, name, &sealed), Err(Error::Internal(_))), "{name}");
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(opened(&vault, "org_a", "finder", &changed).is_err(), "byte {at}");
            assert!(opened(&vault, "org_a", "finder", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn older_keys_still_open_and_missing_ones_are_told() {
        let random = Counting::default();
        let (old, new) = (Vault::new(&[[1; 32]]), Vault::new(&[[2; 32], [1; 32]]));
        let sealed = seal(&old, &random);
        assert_eq!(opened(&new, "org_a", "finder", &sealed).ok().as_deref(), Some("s3cret"));
        let anew = seal(&new, &random);
        let Err(Error::Conflict(text)) = opened(&old, "org_a", "finder", &anew) else { panic!("opened") };
        assert_eq!(
            text,
            "The credential of connector 'finder' was sealed with a key that this server does not have: set it anew"
        );
        assert!(Vault::new(&[]).seal(&random, "o", "n", &SecretString::from("x")).is_err());
    }

    #[test]
    fn configured_keys_are_read_strictly() {
        let one = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
        for good in [one.to_owned(), format!("{one}, {one}")] {
            assert!(Vault::parse(&SecretString::from(good)).is_ok());
        }
        for bad in ["", "AQE=", "not base64", &format!("{one},")] {
            let error = Vault::parse(&SecretString::from(bad.to_owned())).expect_err("no key").to_string();
            assert_eq!(error, "a secret key must be the base64 of 32 bytes, several with commas between");
        }
    }

    #[test]
    fn the_key_file_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret.key");
        let random = Counting::default();
        let sealed = seal(&Vault::of_file(&path, &random).expect("made"), &random);
        let mode = || fs::metadata(&path).expect("the file").permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1, "nothing else is left");
        let again = Vault::of_file(&path, &random).expect("read");
        assert_eq!(opened(&again, "org_a", "finder", &sealed).ok().as_deref(), Some("s3cret"));
        for wide in [0o640, 0o604, 0o660] {
            fs::set_permissions(&path, fs::Permissions::from_mode(wide)).expect("the mode");
            let error = Vault::of_file(&path, &random).expect_err("refused").to_string();
            let (file, mode) = (path.display(), format!("{wide:03o}"));
            assert_eq!(
                error,
                format!(
                    "others than its owner may use the key file {file} (mode {mode}): run chmod 600 on it"
                )
            );
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("the mode");
        assert!(Vault::of_file(&path, &random).is_ok());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("the mode");
        fs::write(&path, "rubbish\n").expect("written");
        let error = Vault::of_file(&path, &random).expect_err("refused").to_string();
        assert_eq!(error, format!("the key file {} holds no valid key", path.display()));
    }
}
