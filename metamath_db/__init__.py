"""What is true: databases, statements, tasks and splits, the judges, reading and writing .mm."""
