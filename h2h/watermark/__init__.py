"""An invisible mark in every picture of a synthesised video, and how to read it."""
