"""The workflow as a drawing: stages from left to right, an arrow where one reads what another wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx

Node = str | tuple[str, str, int]  # a stage, or where an arrow passes a column
WIDTH, HEIGHT, ACROSS, DOWN, EDGE = 98.0, 44.0, 26.0, 16.0, 5.0  # px: boxes, what is between them, and around


@dataclass(frozen=True)
class StageState:
    """How far a stage is.

    Attributes:
        done: jobs with a result.
        jobs: that the run asks for.
        rejected: jobs that cannot be done.
        told: more about it, for whoever points at it.
    """

    done: int
    jobs: int
    rejected: int = 0
    told: str = ""


@dataclass(frozen=True)
class Box:
    """A stage in the drawing; x and y are those of the upper left corner."""

    name: str
    count: str
    told: str
    x: float
    y: float
    idle: bool
    bad: bool


@dataclass(frozen=True)
class Arrow:
    """A line in the drawing, as an SVG path; `idle` where nothing flows."""

    path: str
    idle: bool


@dataclass(frozen=True)
class Drawing:
    """Everything that the template needs."""

    width: float
    height: float
    box_width: float
    box_height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw(reads: Mapping[str, Sequence[str]], states: Mapping[str, StageState]) -> Drawing:
    """Lay a workflow out.

    Args:
        reads: stage -> the stages whose artifacts it reads. Arrows that follow from others are left out.
        states: stage -> how far it is; a stage that is not here had nothing to do.
    """
    graph = networkx.DiGraph()
    graph.add_nodes_from(reads)
    graph.add_edges_from((before, after) for after, several in reads.items() for before in several if before in reads)
    graph = _reduced(graph, {name for name in reads if states.get(name, StageState(0, 0)).jobs})
    chains = _with_bends(graph)
    layers = _layers(graph, list(reads))
    tallest = max(len(layer) for layer in layers)
    places = {}
    for column, layer in enumerate(layers):
        above = (tallest - len(layer)) / 2
        for row, name in enumerate(layer):
            places[name] = (EDGE + column * (WIDTH + ACROSS), EDGE + (above + row) * (HEIGHT + DOWN))
    boxes = tuple(_box(name, states.get(name, StageState(0, 0)), *places[name]) for name in reads)
    idle = {box.name for box in boxes if box.idle}
    arrows = tuple(
        Arrow(_path([places[name] for name in chain]), bool({chain[0], chain[-1]} & idle)) for chain in chains
    )
    width = 2 * EDGE + len(layers) * WIDTH + (len(layers) - 1) * ACROSS
    return Drawing(width, 2 * EDGE + tallest * (HEIGHT + DOWN) - DOWN, WIDTH, HEIGHT, boxes, arrows)


def _reduced(graph: networkx.DiGraph, busy: set[str]) -> networkx.DiGraph:
    """Without the arrows that follow from others; none goes because of a stage that had nothing to do."""
    kept = networkx.transitive_reduction(graph)
    kept.add_edges_from(networkx.transitive_reduction(graph.subgraph(busy)).edges)
    return kept


def _with_bends(graph: networkx.DiGraph) -> list[list[Node]]:
    """Give arrows that pass columns a node in each, in place; returns the nodes along every arrow."""
    column = {name: i for i, layer in enumerate(networkx.topological_generations(graph)) for name in layer}
    chains = []
    for before, after in sorted(graph.edges):
        bends = [(before, after, i) for i in range(column[before] + 1, column[after])]
        chain = [before, *bends, after]
        if bends:
            graph.remove_edge(before, after)
            networkx.add_path(graph, chain)
        chains.append(chain)
    return chains


def _layers(graph: networkx.DiGraph, order: list[str]) -> list[list[Node]]:
    """Columns: each stage right of all that it reads; within a column near what it is joined to."""

    def first(node: Node) -> tuple[int, str]:
        return order.index(node if isinstance(node, str) else node[0]), str(node)

    layers = [sorted(layer, key=first) for layer in networkx.topological_generations(graph)]
    for _ in range(6):  # the barycentre rule, forth and back
        for near, several in ((graph.predecessors, layers[1:]), (graph.successors, layers[-2::-1])):
            for layer in several:
                height = {node: place - len(each) / 2 for each in layers for place, node in enumerate(each)}
                wish = {n: _mean([height[m] for m in near(n)], height[n]) for n in layer}
                layer.sort(key=lambda node, wish=wish: (wish[node], first(node)))
    return layers


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _box(name: str, state: StageState, x: float, y: float) -> Box:
    count = f"{state.done} of {state.jobs}" if state.jobs else "not asked for"
    if state.rejected:
        count += f", {state.rejected} rejected"
    told = f"{name}: {count}{'. ' if state.told else ''}{state.told}"
    return Box(name, count, told, x, y, idle=not state.jobs, bad=bool(state.rejected))


def _path(corners: Sequence[tuple[float, float]]) -> str:
    """From the right edge of the first box through the columns between to the left edge of the last one."""
    middle = HEIGHT / 2
    (x, y), *between, (end_x, end_y) = [(x, y + middle) for x, y in corners]
    parts, x = [f"M{x + WIDTH:g} {y:g}"], x + WIDTH
    for next_x, next_y in between:
        parts.append(f"{_curve(x, y, next_x, next_y)}L{next_x + WIDTH:g} {next_y:g}")
        x, y = next_x + WIDTH, next_y
    return "".join([*parts, _curve(x, y, end_x - 2, end_y)])


def _curve(x0: float, y0: float, x1: float, y1: float) -> str:
    bend = (x1 - x0) / 2
    return f"C{x0 + bend:g} {y0:g} {x1 - bend:g} {y1:g} {x1:g} {y1:g}"
