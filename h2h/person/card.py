"""The model card in a person's bundle: what it is, what it needs, what it can do, and what one may do with it.

A bundle comes from somebody else: every value is checked for type, range and length, and unknown keys are refused.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from h2h.bundles.card import Count, Digest, HeadModelMark, Key, Number, Text
from h2h.config.base import Name, Section
from h2h.config.geometry import Nmfc, Tracking
from h2h.config.learning import Synthesize
from h2h.config.preprocessing import Frames, Image
from h2h.models.int8_form import LARGEST, SMALLEST

FORMAT = 1
NETWORK, ARRAYS = "generator.onnx", "person.safetensors"
RuntimeName = Literal["openvino-int8", "openvino-bf16", "openvino-f32", "onnxruntime-f32"]
Pixels = Annotated[int, Field(ge=1, le=100_000)]
Peak = Annotated[float, Field(ge=SMALLEST, le=LARGEST, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
INTENDED_USE = (
    "To draw this one person's head with another person's motion, with the consent of both: dubbing, telepresence, "
    "research. Not to deceive, harass or impersonate. What it draws must be disclosed as artificially generated; h2h "
    "marks every video that it writes."
)
WHAT = "Head2HeadFS rendering network of one person, with the person's tracked parameters and background"


class Network(Section):
    """What the network takes."""

    gaze: bool = Field(description="gaze images beside the NMFC images")
    condition_frames: int = Field(ge=1, le=16, description="conditional inputs that it sees")
    history_frames: int = Field(ge=0, le=16, description="previous outputs that it sees")


class Clip(Section):
    """A video of the person and the square that was cut out of it."""

    crop: list[Number] = Field(min_length=3, max_length=3, description="x, y and side in px of the video")
    width: Pixels = Field(description="of the video, upright")
    height: Pixels = Field(description="of the video, upright")
    sha256: Digest = Field(description="of the file; of a folder of pictures that of the list that sha256sum prints")
    name: Text | None = Field(None, description="of the file")


class About(Section):
    """What identity.yaml says of the person's videos; null: not stated."""

    source: Text | None = Field(description="where they come from")
    licence: Text | None = Field(description="their licence")
    credit: Text | None = Field(description="whom to name")
    consent: Text | None = Field(description="what the person agreed to")


class Training(Section):
    """How the network came about."""

    experiment: Name = Field(description="entry of experiments in params.yaml")
    method: Key = Field(description="see experiments")
    first_frame: Count = Field(description="first of the consecutive frames that it was fine-tuned on")
    frames: Count = Field(description="how many these are")
    clips: Count = Field(description="clips seen")
    steps: Count = Field(description="optimiser steps")
    precision: Key = Field(description="number format of the training")
    initialised_from: Count = Field(description="people that the network was initialised with; 0: fresh weights")


class Difference(Section):
    """How far a runtime is from torch in float32, over the same inputs; levels of 255."""

    largest: Number = Field(ge=0, description="of all values of frame and mask")
    mean: Number = Field(ge=0, description="of all values of frame and mask")


class Speed(Section):
    """What was measured when it was exported."""

    processor: Text = Field(description="CPU")
    threads: Count = Field(description="that were used")
    milliseconds: dict[RuntimeName, Positive] = Field(description="a frame of the network, median", min_length=1)
    frames: Count = Field(description="driven frames that the differences are over")
    parity: dict[RuntimeName, Difference] = Field(description="difference from torch")
    order: list[RuntimeName] = Field(description="which to take, the first that a machine has", max_length=4)


class Made(Section):
    """SHA-256 of what it was made from."""

    network: Digest = Field(description="the checkpoint")
    cache: Digest = Field(description="the person's cache")
    head_model: Digest = Field(description="the head model's artifact")


class PersonCard(Section):
    """`card.json` of a person's bundle."""

    format: Literal[1] = Field(description="version of this description")
    h2h: Text = Field(description="version of h2h that made it")
    what: Text = Field(description="what this is")
    intended_use: Annotated[str, Field(max_length=1000)] = Field(description="what it is for, and what not")
    name: Name = Field(description="the person")
    image: Image
    nmfc: Nmfc
    frames: Frames = Field(description="how the face in a source is found and cropped")
    tracking: Tracking = Field(description="how the person was tracked, and a source should be")
    synthesize: Synthesize = Field(description="how a source's motion is transferred unless somebody says otherwise")
    fps: float = Field(gt=0, le=120, description="of the person's own frames")
    network: Network
    peaks: list[Peak] | None = Field(
        default=None, max_length=2000, description="largest inputs of the inner convolutions; null: no 8-bit form"
    )
    tracked_frames: int = Field(ge=1, le=10**6, description="frames of the person that parameters are there of")
    cuts: list[Count] = Field(max_length=10**5, description="tracked frames that do not follow the one before")
    head_model: HeadModelMark
    head_model_inside: bool = Field(description="its licence is open, so the bundle brings it")
    clips: list[Clip] = Field(max_length=1000, description="the person's videos; empty: not known")
    about: About
    training: Training
    speed: Speed
    made_from: Made
    bytes: dict[Literal["generator.onnx", "person.safetensors"], Count] = Field(description="sizes", min_length=2)
    sha256: dict[Literal["generator.onnx", "person.safetensors"], Digest] = Field(
        description="of the other members", min_length=2
    )

    @model_validator(mode="after")
    def _consistent(self) -> PersonCard:
        if not self.intended_use.isprintable():
            raise ValueError("intended_use holds characters that cannot be printed")
        if self.peaks is None and "openvino-int8" in self.speed.order:
            raise ValueError("speed.order names openvino-int8, and there are no peaks for it")
        return self
