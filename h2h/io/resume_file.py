"""Where an interrupted training is kept."""

from __future__ import annotations

from pathlib import Path


def resume_file(output: Path, name: str) -> Path:
    """The hidden file beside a training's output; whoever writes the output's card removes it."""
    return output.with_name(f".resume-{name}.safetensors")
