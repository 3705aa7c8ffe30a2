//! Reads a function's source for the calls it makes to a cloud, and never runs it.
