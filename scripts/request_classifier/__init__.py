"""What the classifier of requests learns from, and how."""
