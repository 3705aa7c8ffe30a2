//! Permissions of an app: what is wanted beside what is live, what must not be, and why things are
//! as they are. Pure; what permissions mean is `updraft_permit`'s business.

mod approvals;
mod explain;
mod gates;
mod gather;

pub use approvals::{APPROVALS, Approvals, Approved};
pub use explain::{Explanation, Facts, Link, Nearest, Sense, Standing, explain};
pub use gates::{Breach, Threshold, beyond, findings, new_access};
pub use gather::{Sides, planned, wanted};
