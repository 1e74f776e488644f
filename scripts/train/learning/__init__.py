"""Training itself: batches, losses, rewards, and the run that goes through them."""
