"""What is asked about, as models take it."""
