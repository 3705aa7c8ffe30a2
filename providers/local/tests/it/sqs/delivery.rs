//! Messages are delivered to functions.
