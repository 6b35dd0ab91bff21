"""The user study of Head2Head (IV.E): how real clips look, and which of two results follows the source better."""
