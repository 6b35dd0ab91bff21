"""`h2h plan`: jobs, hours and gigabytes per stage, before anything starts."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from h2h import layout
from h2h.commands.profile import current, values_of
from h2h.config import Params, load_params, validate
from h2h.config.learning import Finetune, Optimiser


@dataclass(frozen=True)
class Rate:
    """What one job costs, measured on one core of a 2-core x86 machine at 128 x 128 with 32 filters.

    Attributes:
        start: CPU seconds whatever the length (start-up, loading networks).
        frame: CPU seconds a frame.
        megabytes: MB a frame, on disk.
        fixed: MB whatever the length.
        by: what both grow with: "" nothing, "size" the square of `image.size`, "crop" the square of
            `frames.size` (256), "network" also the square of `network.filters`.
    """

    start: float
    frame: float = 0.0
    megabytes: float = 0.0
    fixed: float = 0.0
    by: str = ""


RATES = {
    "frames": Rate(3, 0.025, 0.115, by="crop"),
    "matting": Rate(2, 0.055, 0.003, by="size"),
    "landmarks": Rate(3, 0.025, 0.0064),
    "head_model": Rate(17, fixed=7),
    "tracking": Rate(2, 0.01, 0.0002),
    "nmfc": Rate(2, 0.012, 0.0105, by="size"),
    "flow": Rate(1, 0.016, 0.065, by="size"),
    "flow_data": Rate(15, 0.18, 0.17, by="size"),
    "flow_pretrain": Rate(30, 0.02, fixed=10),
    "flow_finetune": Rate(20, 0.02, fixed=10),
    "cache": Rate(1, 0.013, 0.115, by="size"),
    "pretrain": Rate(15, 0.85, fixed=225, by="network"),
    "finetune": Rate(15, 0.85, fixed=130, by="network"),
    "synthesize": Rate(8, 0.15, 0.12, by="network"),
    "evaluate": Rate(4, 0.37, 0.05),
    "transfers": Rate(25, 0.05, 0.0001),
    "round_trip": Rate(35, 0.35, 0.06, by="network"),
    "detector": Rate(5, 0.008, 0.002),
    "tables": Rate(2),
    "person_media": Rate(3, 0.006, 0.0012),
    "person_page": Rate(3, fixed=3),
    "table_page": Rate(3),
    "figure_page": Rate(3, fixed=0.3),
    "experiment_page": Rate(3, fixed=1),
    "tables_pdf": Rate(3),
    "report": Rate(6, fixed=1),
}


WARM_UP = 0.35  # cost of a frame without discriminators / with them
X2FACE = 0.2  # cost of a frame that X2Face reconstructs / of one that is generated with discriminators


@dataclass(frozen=True)
class Cost:
    """A stage's jobs, CPU hours (one core) and gigabytes."""

    stage: str
    jobs: int
    hours: float
    gigabytes: float


def frames_of(name: str, params: Params, folder: Path = layout.PEOPLE) -> int:
    """How many frames a person will have: the clips' length at `frames.fps`, at most `frames.max_frames`."""
    import av

    from h2h.errors import Rejected
    from h2h.io.video import VIDEO_SUFFIXES, find_clips

    total = 0.0
    try:
        clips = find_clips(folder / name)
    except Rejected:
        return 0
    for clip in clips:
        if clip.is_dir() or clip.suffix.lower() not in VIDEO_SUFFIXES:
            total += sum(1 for _ in (clip if clip.is_dir() else clip.parent).iterdir())
            continue
        try:
            with av.open(str(clip)) as container:
                rate = float(container.streams.video[0].average_rate or params.frames.fps)
                total += (container.duration or 0) / 1e6 * min(params.frames.fps, rate)
        except (av.FFmpegError, IndexError):
            continue  # the frames stage will say what is wrong with it
    return min(int(total), params.frames.max_frames)


def estimate(
    params: Params, who: layout.Cast, wanted: layout.Wanted, frames: dict[str, int], quickstart: bool = False
) -> list[Cost]:
    """Cost of every stage.

    Args:
        params: the parameters.
        who: the people.
        wanted: the models' jobs.
        frames: person -> number of frames.
        quickstart: `wanted` is the quickstart's.
    """
    held_out = params.cache.test_frames

    def train(name: str) -> int:
        return max(frames[name] - held_out, round(frames[name] * (1 - params.cache.short_clip_fraction)))

    def of(name: str) -> Params:
        return params.of_experiment(name.split(".")[0])

    def method(name: str) -> str:
        return params.experiments[name.split(".")[0]].method

    def made(name: str) -> int:
        _, target, source = name.split(".")
        return held_out if target == source else min(frames[source], params.synthesize.max_frames)

    per_job: dict[str, list[float]] = {stage: [frames[name] for name in who.people] for stage in layout.PREPROCESSING}
    per_job["head_model"] = [0]
    per_job["flow"] += [frames[name.split(".")[1]] for name in wanted.flows]
    training = layout.flow_jobs(params, wanted)
    per_job |= {stage: [_flow_pairs(stage, params)] * len(names) for stage, names in training.items()}
    per_job["pretrain"] = [
        0
        if layout.released(params, name.split(".")[0])
        else _trained(
            of(name).pretrain, sum(map(train, layout.trained_on(params, who, *name.split(".")))), method(name)
        )
        for name in wanted.pretrained
    ]
    per_job["finetune"] = [
        _trained(of(name).finetune, min(of(name).finetune.frames, train(name.split(".")[1])), method(name))
        for name in wanted.finetuned
    ]
    per_job["synthesize"] = [made(name) for name in wanted.synthesized]
    per_job["evaluate"] = [held_out for _ in wanted.evaluated]
    shown = layout.with_page(params, who, wanted)
    if quickstart:
        shown = tuple(name for name in shown if name in layout.involved(params, who, wanted))
    per_job["person_media"] = [frames[name] for name in shown]
    pages = _quick_pages() if quickstart else _pages(params, who, wanted)
    per_job |= {stage: [0] * count for stage, count in pages.items()}
    per_job["transfers"] = [made(name) for name in wanted.transferred]
    per_job["round_trip"] = [held_out for _ in wanted.cycled]
    per_job["detector"] = [
        sum(frames.values()) + sum(map(made, layout.judged(params, who, name))) for name in wanted.detected
    ]
    return [_cost(stage, per_job[stage], params) for stage in RATES]


def _quick_pages() -> dict[str, int]:
    """Jobs that write the quickstart's tables and pages: one table, and one job for all pages."""
    none = dict.fromkeys(("person_page", "table_page", "figure_page", "experiment_page", "tables_pdf"), 0)
    return none | {"tables": 1, "report": 1}


def _pages(params: Params, who: layout.Cast, wanted: layout.Wanted) -> dict[str, int]:
    """Jobs that write the tables and pages of `snakemake all`, which writes the quickstart's first."""
    first = _quick_pages() if layout.quickstart(params, who) else {}
    tables = len(layout.tables(params))
    return {
        "tables": tables + first.get("tables", 0),
        "person_page": len(layout.with_page(params, who, wanted)),
        "table_page": tables,
        "figure_page": len(layout.figures(params)),
        "experiment_page": len({name.split(".")[0] for name in wanted.synthesized}),
        "tables_pdf": 1,
        "report": 1 + first.get("report", 0),
    }


def _flow_pairs(stage: str, params: Params) -> float:
    """Pairs of frames that a stage of the flow networks draws, or trains on (as pairs of 64 x 64 px)."""
    if stage == "flow_data":
        drawn = params.flow_data
        return (drawn.subjects + drawn.held_out) * drawn.sequences * drawn.frames
    if stage == "flow_pretrain":
        shapes = params.flow_pretrain
        return 0 if shapes.weights else shapes.steps * shapes.batch * (shapes.size / 64) ** 2
    faces = params.flow_finetune
    return faces.steps * faces.batch * (min(faces.crop, params.image.size) / 64) ** 2


def _trained(settings: Optimiser, frames: int, method: str) -> float:
    """Frames that a training generates, those of the warm-up and of X2Face counted as what they cost."""
    share = X2FACE if method == "x2face" else 1 - (1 - WARM_UP) * settings.warmup_fraction
    return settings.epochs * frames * share


def training_minutes(params: Params, settings: Finetune) -> float:
    """About how long one person's fine-tuning takes on this machine's CPU."""
    frames = _trained(settings, settings.frames, "ours")
    return _cost("finetune", [frames], params).hours * 60 / (os.cpu_count() or 1)


def _cost(stage: str, frames: Iterable[float], params: Params) -> Cost:
    rate, frames = RATES[stage], list(frames)
    area = (params.image.size / 128) ** 2
    network = (params.network.filters / 32) ** 2
    scale = {"": 1.0, "size": area, "crop": (params.frames.size / 256) ** 2, "network": area * network}[rate.by]
    seconds = sum(rate.start + rate.frame * scale * n for n in frames)
    stored = sum(rate.megabytes * (area if rate.by == "network" else scale) * n for n in frames)
    stored += rate.fixed * (network if rate.by == "network" else 1) * len(frames)
    return Cost(stage, len(frames), seconds / 3600, stored / 1000)


def table(costs: list[Cost], cores: int) -> str:
    """The costs as text, with sums; hours are those of a machine with so many cores."""
    lines = [f"{'stage':<12}{'jobs':>7}{'hours':>10}{'GB':>9}", "-" * 38]
    total = Cost("all", sum(c.jobs for c in costs), sum(c.hours for c in costs), sum(c.gigabytes for c in costs))
    for cost in [*costs, total]:
        if cost is total:
            lines.append("-" * 38)
        lines.append(f"{cost.stage:<12}{cost.jobs:>7}{cost.hours / cores:>10.2f}{cost.gigabytes:>9.2f}")
    return "\n".join(lines)


@click.command()
@click.argument("profile", required=False)
@click.option("--quickstart", is_flag=True, help="plan `snakemake quickstart` instead of `snakemake all`")
@click.option("--cores", type=click.IntRange(1), help="cores of the machine (default: this one's)")
def command(profile: str | None, quickstart: bool, cores: int | None) -> None:
    """Print jobs, hours and gigabytes per stage for everybody in data/identities, before anything starts.

    PROFILE: plan this profile (default: the one in force). The rates were measured on a CPU; with a GPU,
    training takes a small part of it. What is done already is not taken off (`snakemake all -n` says what is left).
    """
    from h2h.errors import UserError

    name = profile or current()
    params = validate(Params, values_of(profile), profile) if profile else load_params()
    layout.check_names(params)
    who = layout.cast(params)
    wanted, warnings = layout.everything(params, who)
    if quickstart:
        if (quick := layout.quickstart(params, who)) is None:
            raise UserError(
                f"identities.quickstart.target {params.identities.quickstart.target} is no target", "see params.yaml"
            )
        wanted = quick
    for line in [*who.warnings, *warnings, *who.problems.values()]:
        click.echo(line, err=True)
    frames = {person: frames_of(person, params) for person in who.people}
    cores = cores or os.cpu_count() or 1
    click.echo(
        f"Profile {name}: {len(who.people)} people, {sum(frames.values())} frames, {params.image.size} x "
        f"{params.image.size}, {cores} cores"
    )
    click.echo(table(estimate(params, who, wanted, frames, quickstart), cores))
