"""Records as Snakemake writes them."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from h2h.provenance.state import METADATA


def write_record(path: str, **values) -> Path:
    """A record of an output, and where it is."""
    file = METADATA / base64.urlsafe_b64encode(path.encode()).decode()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"rule": "frames", "params": ["'a'"], "starttime": 1.0, **values}))
    return file
