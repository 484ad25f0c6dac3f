//! Standard output: what a script needs, and nothing else.

use std::io::{ErrorKind, Write as _};

/// Prints text. That its reader has read enough and gone (`sluice … | head`) is no failure.
///
/// # Errors
/// When it cannot be written for any other reason.
pub fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
