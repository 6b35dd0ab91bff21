"""Layers drawn sample by sample, from their definition; slow."""

import numpy as np
from scipy.ndimage import map_coordinates


def plain_uppermost(layers, motions, size, samples=1):
    at = (np.arange(size * samples) + 0.5) / samples
    points = np.stack([*np.meshgrid(at, at), np.ones((len(at), len(at)))], -1)
    top = np.zeros(points.shape[:2], int)
    for number in range(1, len(layers.places)):
        own = points @ np.linalg.inv(motions[number] @ layers.places[number]).T
        radii = layers.outlines[number]
        angle = np.arctan2(own[..., 1], own[..., 0]) % (2 * np.pi)
        around = 2 * np.pi * np.arange(len(radii) + 1) / len(radii)
        top[np.hypot(own[..., 0], own[..., 1]) < np.interp(angle, around, [*radii, radii[0]])] = number
    return top


def plain_picture(layers, motions, textures, size, samples):
    top = plain_uppermost(layers, motions, size, samples)
    at = (np.arange(size * samples) + 0.5) / samples
    points = np.stack([*np.meshgrid(at, at), np.ones((len(at), len(at)))], -1)
    fine = np.zeros((*top.shape, 3))
    for number in range(len(layers.places)):
        u, v, _ = np.moveaxis(points @ (layers.to_texture[number] @ np.linalg.inv(motions[number])).T, -1, 0)
        texture = textures[layers.texture[number]].astype(float)
        read = np.stack([map_coordinates(texture[..., c], (v, u), order=1, mode="reflect") for c in range(3)], -1)
        seen = layers.contrast[number] * read + (1 - layers.contrast[number]) * layers.colour[number]
        fine[top == number] = seen[top == number]
    return fine.reshape(size, samples, size, samples, 3).mean((1, 3))
