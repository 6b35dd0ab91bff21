"""Sections of `params.yaml` for the data and the training of the facial flow."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from h2h.config.base import Fraction, Name, Section


class FlowData(Section):
    """4D scans with their true flow: rendered, or a collection that was recorded (docs/flow_data.md)."""

    source: str = Field(
        description="synthetic renders the open stand-in for 4DFAB; anything else is the folder of a collection of 4D "
        "scans, in the layout of docs/flow_data.md",
        min_length=1,
    )
    subjects: int = Field(description="people to train on; of a collection at most so many", ge=1)
    held_out: int = Field(description="further people that no training sees; of a collection its last ones", ge=1)
    sequences: int = Field(description="sequences of each person; of a collection at most so many", ge=1)
    frames: int = Field(
        description="frames of each sequence; of a longer one of a collection as many pairs, spread over it", ge=2
    )
    supersample: int = Field(
        description="synthetic pictures are rendered at this times the size, then averaged", ge=1, le=4
    )
    backgrounds: list[Name] = Field(
        description="people whose rooms, without them, are behind synthetic heads; not everybody, so that a new person "
        "does not train the flow networks anew"
    )
    tolerance: float = Field(
        description="how far a surface may lie before a point that still counts as visible, in pixels' widths", gt=0
    )


class FlowOptimiser(Section):
    """Shared by both trainings of flow networks."""

    steps: int = Field(description="batches", ge=1)
    batch: int = Field(description="pairs of frames in a step", ge=1)
    lr: float = Field(description="Adam's highest rate", gt=0)
    warmup_fraction: Fraction = Field(description="first part of the steps, with rising rates; then they fall to 0")
    weight_decay: float = Field(
        description="Adam's, of squared weights; the loss is a mean over pixels, FlowNet's 4e-4 is for a sum", ge=0
    )
    scales: list[float] = Field(
        description="weight of a pixel of each scale, finest first (FlowNet: 0.005, 0.01, 0.02, 0.08, 0.32)",
        min_length=1,
    )
    largest_gradient: float = Field(description="longer gradients are shortened to this", gt=0)
    colour: Fraction = Field(description="largest change of contrast, colours, brightness and gamma")
    noise: float = Field(description="largest standard deviation of noise, grey levels", ge=0)


class FlowPretrain(FlowOptimiser):
    """The original flow network: official weights, or trained from scratch on moving shapes."""

    variant: Literal["c", "s", "sd", "full"] = Field(description="network of the FlowNet2 family; full is the stack")
    width: float = Field(description="factor of the channels; 1 is the official network", gt=0, le=1)
    enlarge: int = Field(description="how many times as large the network sees its frames", ge=1, le=4)
    looks: int = Field(description="2: the network corrects its answer, on the second frame warped by it", ge=1, le=4)
    weights: str = Field(description="path of official weights, which are then used as they are; empty: train")
    size: int = Field(description="side of the frames, px, a multiple of 64", ge=64, multiple_of=64)
    shapes: tuple[int, int] = Field(description="the least and the largest number of shapes in a scene")
    median: float = Field(description="px, of the (log-normal) length of a translation", gt=0)
    spread: float = Field(description="standard deviation of its logarithm", ge=0)
    largest: float = Field(description="px, longer translations are cut to this", gt=0)
    turn: float = Field(description="standard deviation of rotations (radians), zooms and shears", ge=0)
    still: Fraction = Field(description="share of shapes and backgrounds without a motion of their own")
    textures: int = Field(description="procedural textures, beside patches of photographs", ge=1)
    uses: float = Field(description="how often a scene is shown, each time from another side", ge=1)
    held_out: int = Field(description="pairs that the network is compared with DIS on", ge=1)

    @model_validator(mode="after")
    def _shapes(self) -> FlowPretrain:
        if not 0 <= self.shapes[0] <= self.shapes[1] <= 255:
            raise ValueError("flow_pretrain.shapes: from the least to the largest number, 0 to 255")
        return self


class FlowFinetune(FlowOptimiser):
    """The facial flow: the original network, fine-tuned on 4D faces."""

    face: float = Field(description="weight of the end-point error on the face, against the true flow", gt=0)
    background: float = Field(description="weight of that on the background, against the original network's flow", ge=0)
    crop: int = Field(description="side of the squares that a step sees, px, a multiple of 64", ge=64, multiple_of=64)
    move: Fraction = Field(description="largest turn (radians) and change of size; shifts are a tenth of it")
    drift: float = Field(description="px, largest shift of a second frame against the first; half have one", ge=0)
