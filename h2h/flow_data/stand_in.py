"""The open stand-in for a collection of 4D scans: synthetic subjects before moving backgrounds, in any number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from h2h.flow_data.appearance import Appearance, draw_appearance
from h2h.flow_data.backdrop import draw_plate, hair_layer, plate_layer, torso_layer
from h2h.flow_data.head_picture import head_picture
from h2h.flow_data.layers import Layer, draw_layers, layer_flow, shrink
from h2h.flow_data.lighting import GAMMA, Lights, draw_lights
from h2h.flow_data.performance import Performance, draw_performance, turn_eyes
from h2h.render.pinhole import Pinhole
from h2h.tracking.head_model import HeadModel
from h2h.tracking.rotation import rotation_vector_to_matrix

IDENTITY = 0.9  # standard deviation of an identity coefficient, in the model's
DISTANCE = (450.0, 1500.0)  # mm from the camera
FILLING = (0.65, 1.05)  # height of the mean head over the picture's
PLACE = 0.05  # standard deviation of the head's place, of the picture's side
OFF_CENTRE = 0.04  # of the principal point, of the picture's side
RIG_TURN = 0.4  # radians, standard deviation of the camera's turn against the world, about each axis
PHOTOGRAPHS = 0.5  # of the sequences have one behind the head, where there are any
LONG_HAIR = 0.5  # of the subjects
NECK, SKULL = 0.06, 0.5  # of the head's height: the lowest part, which the torso follows, and the upper one


@dataclass(frozen=True)
class Subject:
    """A synthetic person.

    Attributes:
        identity: (n_i,), s_id.
        appearance: colours.
        long_hair: whether hair is seen behind the head.
    """

    identity: np.ndarray
    appearance: Appearance
    long_hair: bool


class RenderedFrame(NamedTuple):
    """One frame of a synthetic sequence.

    Attributes:
        image: u8 (S, S, 3), RGB.
        vertices: f32 (N, 3), world, mm; the head model's triangles.
        true_background: f32 (S, S, 2), flow of what is behind the head to the next frame, px, also where the head
            hides it; None in the last frame.
    """

    image: np.ndarray
    vertices: np.ndarray
    true_background: np.ndarray | None


def draw_subject(model: HeadModel, rng: np.random.Generator) -> Subject:
    """Draw a person."""
    identity = IDENTITY * rng.standard_normal(len(model.identity_sigma)) * model.identity_sigma
    return Subject(identity, draw_appearance(model, rng), bool(rng.random() < LONG_HAIR))


def draw_camera(model: HeadModel, size: int, rng: np.random.Generator) -> tuple[Pinhole, np.ndarray]:
    """A rig's camera for a square picture, and the head's place in the camera's axes (3,), mm."""
    height = float(np.ptp(model.mean[:, 1]))
    distance = rng.uniform(*DISTANCE)
    focal = rng.uniform(*FILLING) * size * distance / height
    centre = size * (0.5 + rng.normal(0, OFF_CENTRE, 2))
    matrix = np.array([[focal * rng.uniform(0.99, 1.01), 0, centre[0]], [0, focal, centre[1]], [0, 0, 1]])
    place = size * (0.5 + rng.normal(0, PLACE, 2))
    ray = np.array([*((place - centre) / focal), 1.0])
    camera = Pinhole(matrix, rotation_vector_to_matrix(rng.normal(0, RIG_TURN, 3)), rng.normal(0, 300, 3))
    return camera, ray * distance


def render_sequence(
    model: HeadModel,
    subject: Subject,
    camera: Pinhole,
    place: np.ndarray,
    photographs: Sequence[np.ndarray],
    frames: int,
    size: int,
    supersample: int,
    rng: np.random.Generator,
) -> Iterator[RenderedFrame]:
    """Render a sequence of a subject in a scene by chance.

    Args:
        model: the head model.
        subject: whom.
        camera, place: from `draw_camera`.
        photographs: u8 (h, h, 3) RGB each, backgrounds without people; may be empty.
        frames: T.
        size: S, px.
        supersample: rendered at this times the size, then averaged.
        rng: draws motion, light and background.

    Yields:
        T frames.
    """
    performance, lights = draw_performance(model, frames, rng), draw_lights(rng)
    shapes = _shapes(model, subject, performance, place)
    layers = _layers(model, subject, camera, shapes, photographs, size, supersample, rng)
    for t, seen in enumerate(shapes):
        vertices = ((seen - camera.translation) @ camera.rotation).astype(np.float32)  # R^T (x - t)
        head = head_picture(
            model, vertices, subject.appearance, lights, camera.cropped(0, 0, supersample), size * supersample
        )
        behind, foremost = draw_layers(layers, t, size, supersample)
        image = shrink(head[..., :3] + (1 - head[..., 3:]) * behind, supersample)
        flow = layer_flow(layers, t, foremost) if t + 1 < frames else None
        yield RenderedFrame(_developed(image, lights, rng), vertices, flow)


def _shapes(model: HeadModel, subject: Subject, performance: Performance, place: np.ndarray) -> np.ndarray:
    """The head in the camera's axes, (T, N, 3), mm."""
    neutral, found = model.neutral(subject.identity), []
    for expression, gaze, rotation, shift in zip(*vars(performance).values(), strict=True):
        shape = turn_eyes(model, model.with_expression(neutral, expression), gaze)
        found.append(shape @ rotation.T + place + shift)
    return np.array(found)


def _layers(
    model: HeadModel,
    subject: Subject,
    camera: Pinhole,
    shapes: np.ndarray,
    photographs: Sequence[np.ndarray],
    size: int,
    factor: int,
    rng: np.random.Generator,
) -> list[Layer]:
    if len(photographs) and rng.random() < PHOTOGRAPHS:
        plate = photographs[rng.integers(len(photographs))].astype(np.float32) / 255
        plate = plate[:, ::-1] if rng.random() < 0.5 else plate
    else:
        plate = draw_plate(rng, 2 * size)
    own = Pinhole(camera.matrix, np.eye(3), np.zeros(3))
    y = model.mean[:, 1]
    low, high = y.max() - NECK * np.ptp(y), y.min() + SKULL * np.ptp(y)
    layers = [plate_layer(rng, np.ascontiguousarray(plate), len(shapes), size)]
    pixels_mm = camera.focal / shapes[0, :, 2].mean()
    layers.append(torso_layer(rng, own.project(shapes[:, y > low])[..., :2], pixels_mm, size, factor))
    if subject.long_hair:
        colour = np.clip(subject.appearance.hair * 1.5, 0, 1) ** GAMMA
        skull = own.project(shapes[:, y < high])[..., :2]
        layers.append(hair_layer(rng, skull, pixels_mm, size, factor, colour))
    return layers


def _developed(image: np.ndarray, lights: Lights, rng: np.random.Generator) -> np.ndarray:
    """With the camera's noise, u8."""
    noisy = image + lights.noise * rng.standard_normal(image.shape, np.float32)
    return np.rint(255 * np.clip(noisy, 0, 1)).astype(np.uint8)
