"""The reader's model: which published networks it is made of, and how they become a folder of ours."""
