"""The true flow of a mesh, pixel by pixel with rays: no rasteriser, no depth map."""

import numpy as np


def first_hit(origin, ray, points, triangles):
    """Nearest front-facing triangle on a ray, its barycentric weights and distance in lengths of the ray."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    along = normal @ ray
    front = along < 0  # counter-clockwise as seen from outside
    distance = np.where(front, ((a - origin) * normal).sum(axis=1) / np.where(front, along, 1), np.inf)
    place = origin + np.where(front & (distance > 0), distance, 0)[:, None] * ray
    area = (normal**2).sum(axis=1)
    area = np.where(area > 0, area, 1)
    weights = np.stack(
        [
            (np.cross(c - b, place - b) * normal).sum(axis=1) / area,
            (np.cross(a - c, place - c) * normal).sum(axis=1) / area,
            (np.cross(b - a, place - a) * normal).sum(axis=1) / area,
        ],
        axis=1,
    )
    hit = front & (distance > 0) & (weights >= 0).all(axis=1)
    if not hit.any():
        return None
    index = np.flatnonzero(hit)[distance[hit].argmin()]
    return index, weights[index], distance[index]


def scan_flow_by_rays(first, second, triangles, camera, height, width, tolerance):
    """As `scan_flow` for registered scans."""
    flow = np.zeros((height, width, 2))
    face, background = np.zeros((height, width), bool), np.ones((height, width), bool)
    origin = -camera.rotation.T @ camera.translation
    for y in range(height):
        for x in range(width):
            ray = camera.rotation.T @ np.linalg.solve(camera.matrix, [x + 0.5, y + 0.5, 1])
            found = first_hit(origin, ray, first, triangles)
            if found is None:
                continue
            background[y, x] = False
            index, weights, _ = found
            place = weights @ second[triangles[index]]
            u, v, depth = camera.project(place)
            if not (0 <= u < width and 0 <= v < height):
                continue
            back = camera.rotation.T @ np.linalg.solve(camera.matrix, [u, v, 1])
            seen = first_hit(origin, back, second, triangles)
            if seen is None or abs(seen[2] - depth) > tolerance * depth / camera.focal:
                continue
            face[y, x] = True
            flow[y, x] = u - x - 0.5, v - y - 0.5
    return flow, face, background
