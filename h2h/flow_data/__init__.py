"""Training data for the facial flow: the true flow of 4D scans, and an open stand-in for a collection of them."""
