"""Draw a person frame after frame: conditional images from parameters, then the rendering network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

import numpy as np

from h2h.reenactment.backgrounds import lay_over
from h2h.render.conditioning import iterate_sequence
from h2h.render.hybrid import Parameters
from h2h.tracking.head_model import HeadModel


class Renderer(Protocol):
    """A person's rendering network (h2h.person.renderer)."""

    def __call__(self, nmfc: np.ndarray, gaze: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(S, S, 3) uint8 twice -> the person on black (S, S, 3) uint8 and alpha (S, S) uint8."""
        ...

    def reset(self) -> None:
        """Forget the frames before."""
        ...


class Drawn(NamedTuple):
    """One frame.

    Attributes:
        nmfc, gaze: (S, S, 3) uint8, what drove the network.
        frame: (S, S, 3) uint8, the person on black.
        mask: (S, S) uint8 alpha.
        picture: (S, S, 3) uint8 before the background, or (S, S, 4) where there is none.
    """

    nmfc: np.ndarray
    gaze: np.ndarray
    frame: np.ndarray
    mask: np.ndarray
    picture: np.ndarray


def draw(
    renderer: Renderer,
    model: HeadModel,
    parameters: Parameters,
    segment: np.ndarray,
    backgrounds: Iterable[np.ndarray | None],
    size: int,
    region: str,
    supersample: int,
) -> Iterator[Drawn]:
    """Draw T frames.

    Args:
        renderer: the person's network; it forgets the past at cuts.
        model: the head model.
        parameters: T frames with the person's identity.
        segment: (T,), the run between two cuts.
        backgrounds: (S, S, 3) uint8 for each frame, None for transparency.
        size, region, supersample: of the conditional images, as the network was trained on.
    """
    conditions = iterate_sequence(model, **vars(parameters), size=size, region=region, supersample=supersample)
    for t, (condition, background) in enumerate(zip(conditions, backgrounds, strict=False)):
        if t == 0 or segment[t] != segment[t - 1]:
            renderer.reset()
        frame, mask = renderer(condition.nmfc, condition.gaze)
        yield Drawn(condition.nmfc, condition.gaze, frame, mask, lay_over(frame, mask, background))
