"""What happens: one file a phase (search, dream, train, ...), the model, the cycle and its report."""
