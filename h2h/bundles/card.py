"""The description in an initialisation bundle: what the network is, and what it was trained with and on.

A bundle comes from somebody else: every value is checked for type, range and length, and unknown keys are refused.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from h2h.config.base import Name, Section
from h2h.config.geometry import Nmfc
from h2h.config.learning import Losses, Network
from h2h.config.preprocessing import Image

FORMAT = 1
NETWORKS = "networks.safetensors"
LARGEST = 4096  # of any number that sizes a network
DEEPEST = 64  # residual blocks


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it holds characters that cannot be printed")
    return text


Text = Annotated[str, Field(max_length=300), AfterValidator(_printable)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
Number = Annotated[float, Field(allow_inf_nan=False)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=10**9)]


class HeadModelMark(Section):
    """Tells head models apart by what a network sees of them, without giving a licensed one away."""

    vertices: Count = Field(description="of the mesh")
    triangles: Count = Field(description="of the mesh")
    face: Count = Field(description="triangles of the face, which NMFC images show")
    identity: Count = Field(description="identity components")
    expression: Count = Field(description="expression components")
    colours: list[Number] = Field(
        description="mean and standard deviation of the face's NMFC colours: 3 + 3 values, 0 to 255",
        min_length=6,
        max_length=6,
    )
    licence: Text = Field(description="of the head model")


class People(Section):
    """Whom the network was trained on, without their names unless the giver wants them in."""

    count: Count = Field(description="how many")
    names: list[Name] = Field(description="their names, in the order of W's rows; empty: left out", max_length=100_000)
    licences: dict[Text, Count] = Field(description="licence of the clips -> how many people")
    consented: Count = Field(description="how many of them have a note of their consent")
    credits: list[Text] = Field(description="whom to name; empty like the names")


class Training(Section):
    """How it went."""

    precision: Key = Field(description="number format of the training")
    clips: Count = Field(description="clips seen")
    steps: Count = Field(description="optimiser steps")
    curves: list[dict[Key, Number]] = Field(description="loss curves, as in the artifact's card", max_length=10_000)


class Card(Section):
    """`card.json` of a bundle."""

    format: Literal[1] = Field(description="version of this description")
    h2h: Text = Field(description="version of h2h that made it")
    experiment: Name = Field(description="what the network was called")
    fold: Name = Field(description="the initialisation set it was trained on")
    method: Literal["ours", "vid2vid"] = Field(description="see experiments")
    image: Image
    nmfc: Nmfc
    network: Network
    losses: Losses
    pretrain: dict[Key, bool | int | Number | Text | None] = Field(description="how it was trained, for information")
    seed: Count = Field(description="of that training")
    pretrained_embedder: bool = Field(description="the embedder started from given weights, and has batch norms")
    stored: Literal["float32"] = Field(description="number format of the parameters")
    training: Training
    head_model: HeadModelMark
    people: People
    sha256: dict[Literal["networks.safetensors"], Digest] = Field(description="of the other members", min_length=1)

    @field_validator("network")
    @classmethod
    def _bounded(cls, network: Network) -> Network:
        for key, value in network.model_dump().items():
            limit = DEEPEST if key.endswith("_blocks") else LARGEST
            if isinstance(value, (int, float)) and value > limit:
                raise ValueError(f"{key} is {value}, above {limit}")
        return network

    @property
    def rows(self) -> int:
        """Rows of D_I's matrix W that are in the bundle."""
        return len(self.people.names)
