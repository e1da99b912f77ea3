"""Options of searches, and external proposers that rank their moves."""
