//! Libraries that read files of others may stumble over damaged ones.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Turns a panic of a reading library into an error of the file. What `read` holds must not be used after one.
pub(super) fn guarded<T>(read: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("damaged");
        Err(io::Error::new(io::ErrorKind::InvalidData, format!("damaged or not supported: {text}")))
    })
}
