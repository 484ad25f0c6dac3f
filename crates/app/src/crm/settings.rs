//! Connecting a CRM.
