"""What searches are told, and what else ranks their moves."""
