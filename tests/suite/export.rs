//! What Gridwatch exports, judged by other people's packages (`export/judge.py`): STIX bundles by stix2-validator and
//! stix2, MISP events by PyMISP, RFC 8727 by its own JSON schema, tables by Python's csv.

mod convert;
mod documents;
mod formats;
mod honest;
mod hostile;
mod json;
pub mod judge;
mod lossless;
mod members;
