//! Every vendor and every status, against the fakes.
#![expect(clippy::unwrap_used, reason = "helpers of tests may stop at the first surprise too")]

mod agent_builtin;
mod anthropic;
mod browser_use;
mod builtin;
mod chromium;
mod crm;
mod firecrawl;
mod hostile;
mod hosts;
mod http;
mod ollama;
mod openai;
mod policy;
mod protocols;
mod robots;
mod setup;
mod support;
mod tls;
mod verdict;
mod webhook;
