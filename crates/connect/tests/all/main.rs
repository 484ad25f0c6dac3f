//! Every vendor and every status, against the fakes.

mod agent_builtin;
mod anthropic;
mod browser_use;
mod chromium;
mod crm;
mod hostile;
mod hosts;
mod ollama;
mod openai;
mod setup;
mod verdict;
