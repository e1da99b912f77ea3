//! What happens: ranking and search.
