"""A person who can be drawn: everything that reenactment and live use need, without torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from h2h.errors import UserError
from h2h.person.card import PersonCard, RuntimeName
from h2h.person.renderer import PersonRenderer
from h2h.render.hybrid import Parameters
from h2h.tracking.head_model import HeadModel


@dataclass(frozen=True)
class Person:
    """A fine-tuned person.

    Attributes:
        card: what the bundle says of itself: `card.nmfc`, `card.network`, `card.clips` (crop and size of the
            person's own videos), `card.about` (licence, consent, source), `card.sha256`, `card.speed` and more.
        head_model: the head model that the person was tracked with; a source is fitted with it too.
        parameters: tracked parameters of the person's own frames (those that training may see), `card.fps` a second.
        plate: (S, S, 3) uint8, the clean background.
        model: the network, as a checked ONNX model.
    """

    card: PersonCard
    head_model: HeadModel
    parameters: Parameters
    plate: np.ndarray
    model: bytes

    @classmethod
    def load(cls, target: str) -> Person:
        """A person by name, or from a bundle's file.

        Args:
            target: a `.h2hperson` file; or the name of an imported bundle (`h2h import`), or of a fine-tuned person
                of the project in the current folder. The latter is exported first if that was not done since its
                training, or since a change of its `identity.yaml`, which takes some seconds and torch.

        Raises:
            UserError: there is none, it is not trained, or its bundle is damaged; the message lists who is there.
        """
        from h2h.person.load import load_person

        return load_person(target)

    @property
    def name(self) -> str:
        """What the person is called."""
        return self.card.name

    @property
    def size(self) -> int:
        """S, px, side of what is drawn."""
        return self.card.image.size

    @property
    def segment(self) -> np.ndarray:
        """(T,) ints, the run between two cuts that each tracked frame lies in."""
        return np.searchsorted(self.card.cuts, np.arange(self.card.tracked_frames), side="right")

    def renderer(self, threads: int = 0, runtime: RuntimeName | None = None) -> PersonRenderer:
        """Start the network.

        Args:
            threads: 0 for all cores.
            runtime: by default the quickest that this machine has, as measured at export.

        Raises:
            UserError: a runtime is asked for that this machine has not, or int8 and the bundle has no peaks for it.
        """
        from h2h.person.speed import available, choose, start

        name = runtime or choose(self.card.speed.order)
        if name not in available():
            what = f"{name} does not run, or not correctly, on this machine"
            raise UserError(what, f"use {' or '.join(available())}")
        if name == "openvino-int8" and self.card.peaks is None:
            raise UserError(f"{self.name} has no 8-bit form", "export the person again, or name another runtime")
        network = start(name, self.model, threads, self.card.peaks)
        of = self.card.network
        return PersonRenderer(network, self.size, of.gaze, of.condition_frames, of.history_frames)
