//! Every vendor and every status, against the fakes.

mod hosts;
mod protocols;
