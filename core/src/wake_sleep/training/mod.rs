//! Data for the recognition model: dreams, the network's training table, and the ranks and nats of held-out steps.

pub mod dream;
pub mod nats;
pub mod table;
