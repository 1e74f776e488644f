"""The model that ships: what it is, and how trained weights become its folder."""
