"""h2h: an open implementation of Head2Head and Head2HeadFS (few-shot head reenactment)."""

__version__ = "0.1.0"
