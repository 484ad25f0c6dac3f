//! Processes are killed, databases restarted and connections cut while people go on using the product: nothing that was
//! answered is lost, nothing happens twice, and every run ends with the list of an undisturbed one.

mod catalog;
mod crowd;
mod database;
mod fleet;
mod processes;
mod rig;
mod runs;
