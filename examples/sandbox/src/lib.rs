//! Both APIs on loopback.
