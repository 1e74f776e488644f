"""Text in a picture: where it stands, what it says, in which order it is read."""
