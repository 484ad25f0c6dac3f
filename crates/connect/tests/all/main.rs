//! Every vendor and every status, against the fakes.

#![expect(clippy::unwrap_used, reason = "helpers of tests may stop at the first surprise too")]

mod builtin;
mod firecrawl;
mod hosts;
mod http;
mod policy;
mod robots;
mod support;
