"""Parameters: pydantic sections, their loader, and nothing heavy (no torch, no NumPy)."""

from h2h.config.loader import Params, Sections, load_params, merge, read_overlay, read_yaml, validate

__all__ = ["Params", "Sections", "load_params", "merge", "read_overlay", "read_yaml", "validate"]
