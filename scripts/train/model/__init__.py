"""The network that is trained: its sizes, its arithmetic, where its weights come from and go to."""
