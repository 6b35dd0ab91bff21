"""Sections of `params.yaml` that describe the data and its pre-processing."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from h2h.config.base import Fraction, Name, Section, check_text

TAKEN = frozenset(  # folders of the project that hold something else
    "h2h workflow tests docs data models keys logs profiles params benchmarks people recordings".split()
) | {".git", ".ci", ".dvc", ".snakemake", ".venv"}
Role = Literal["target", "train", "source"]
Text = Annotated[str, AfterValidator(check_text)]


class Profile(Section):
    """Where a profile's artifacts go."""

    name: Name = Field(description="the profile's name")
    work: str = Field(description="folder of the artifacts, relative to the project")
    reports: str = Field(description="folder of the tables and the page, relative to the project")

    @model_validator(mode="after")
    def _own_folders(self) -> Profile:
        folders = {key: PurePosixPath(getattr(self, key)) for key in ("work", "reports")}
        for key, folder in folders.items():
            if not folder.parts or ".." in folder.parts or folder.parts[0] in TAKEN:
                raise ValueError(f"{key}: {getattr(self, key)!r} is no folder of its own within the project")
        if any(a.is_relative_to(b) for a, b in (folders.values(), reversed(folders.values()))):
            raise ValueError("work and reports: neither may be in the other")
        return self


class Fold(Section):
    """One multi-person initialisation and the people that are fine-tuned from it."""

    initialise: list[Name] = Field(description="people of the multi-person training set", min_length=1)
    targets: list[Name] = Field(description="people fine-tuned from it")

    @model_validator(mode="after")
    def _disjoint(self) -> Fold:
        both = set(self.initialise) & set(self.targets)
        if both:
            raise ValueError(f"a target must not be in its own initialisation set: {', '.join(sorted(both))}")
        return self


class Quickstart(Section):
    """What `snakemake quickstart` makes."""

    target: Name = Field(description="the person to fine-tune")
    source: Name = Field(description="the person who drives the cross-person reenactment")
    methods: list[Name] = Field(description="experiments: rows of the quickstart's table")


class Identities(Section):
    """Who plays which part."""

    folds: dict[Name, Fold] = Field(description="initialisation sets; `default` also takes people added later")
    roles: dict[Name, Role] = Field(description="roles that go before the ones in identity.yaml")
    quickstart: Quickstart
    reenactments: list[tuple[Name, Name]] = Field(description="cross-person videos to make: [source, target]")

    @model_validator(mode="after")
    def _folds(self) -> Identities:
        if "default" not in self.folds:
            raise ValueError("identities.folds needs a fold named default")
        targets = [t for fold in self.folds.values() for t in fold.targets]
        twice = sorted({t for t in targets if targets.count(t) > 1})
        if twice:
            raise ValueError(f"a target belongs to one fold only: {', '.join(twice)}")
        if self.quickstart.target not in targets:
            raise ValueError(f"identities.quickstart.target {self.quickstart.target!r} is no fold's target")
        return self


class IdentityFile(Section):
    """`identity.yaml` in a person's folder; every key is optional."""

    role: Role | None = Field(None, description="target (fine-tuned), train (initialisation only) or source")
    source: Text | None = Field(None, description="where the videos come from")
    licence: Text | None = Field(None, description="the videos' licence; every synthesised video of the person says it")
    credit: Text | None = Field(None, description="whom to name")
    consent: Text | None = Field(
        None, description="what the person agreed to; every synthesised video of the person says it, or `not recorded`"
    )


class Image(Section):
    """The networks' picture size."""

    size: int = Field(description="side in pixels, a multiple of 8", ge=32, le=1024, multiple_of=8)


class Frames(Section):
    """Decoding, face boxes and the crop."""

    fps: float = Field(description="frames a second after resampling; at most the slowest clip's", gt=0, le=120)
    max_frames: int = Field(description="frames kept a person, over all clips", ge=8)
    min_frames: int = Field(description="fewer usable frames reject the person", ge=2)
    size: int = Field(description="side of the stored crop, px", ge=32, le=1024)
    margin: float = Field(description="side of the crop over side of the smoothed face box", ge=1, le=4)
    detect_every: int = Field(description="frames between two detections", ge=1, le=100)
    min_confidence: Fraction = Field(description="MTCNN's probability below which a box is dropped")
    min_face: int = Field(description="shorter side of the smallest face box kept, px in the video", ge=8)
    detect_width: int = Field(description="wider frames are shrunk to this width for detection, px", ge=120)
    smooth_seconds: float = Field(description="median window over the face boxes, s", ge=0)
    cut_threshold: Fraction = Field(description="distance of colour histograms that makes a scene cut")
    max_missing: Fraction = Field(description="largest part of the frames without the person")


class Matting(Section):
    """Foreground masks."""

    method: Literal["mediapipe", "bisenet"] = Field(description="what segments the person")
    refine: Literal["closed_form", "none"] = Field(description="alpha refinement by pymatting")
    weights: str = Field(description="path of BiSeNet's 79999_iter.pth")
    trimap_px: int = Field(description="half width of the unknown band of the trimap, px at image.size", ge=1, le=32)


class Landmarks(Section):
    """68 iBUG points and irises."""

    method: Literal["mediapipe", "fan"] = Field(description="the detector")
    smooth_frames: int = Field(description="Savitzky-Golay window, odd, 0 is off", ge=0, le=31)
    min_confidence: Fraction = Field(description="a frame below it counts as missing")
    max_missing: Fraction = Field(description="largest part of missing frames before the person is rejected")
