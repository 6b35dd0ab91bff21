"""From somebody's video to their fine-tuned network, outside the workflow: the stages one after the other.

Everything lies in a folder named after the contents and settings, so that the same call goes on where it stopped and
another one does not mix with it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from pathlib import Path
from typing import Any, NamedTuple

from h2h import layout
from h2h.config import Params, Sections, validate
from h2h.config.experiments import REENACTING
from h2h.errors import UserError
from h2h.io.cards import is_rejected, read_card, sha256
from h2h.stages.runner import run_stage

log = logging.getLogger("h2h")

SPARE = 150  # frames beyond those for training: they choose among them, and the clean plate shows more


class NewPerson(NamedTuple):
    """Somebody who was trained outside the workflow.

    Attributes:
        params: of the person's own folder of artifacts, which is laid out like the project's.
        name: of the person.
        videos: the folder of the video.
    """

    params: Params
    name: str
    videos: Path


def make_person(
    video: Path, params: Params, pretrained: Path, head_model: Path, flow_network: Path | None = None
) -> NewPerson:
    """Pre-process a video and fine-tune the multi-person network on it.

    Args:
        video: of the new person.
        params: as the experiment has them; all of the `finetune.frames` and those to spare may be trained on.
        pretrained: the multi-person network.
        head_model: the artifact of the stage head_model.
        flow_network: of `flow.method: flownet2`.

    Raises:
        UserError: the video cannot be used; the message says why.
    """
    values = params.model_dump(mode="json")
    values["frames"]["max_frames"] = min(params.frames.max_frames, params.finetune.frames + SPARE)
    values["cache"] |= {"test_frames": 10**9, "short_clip_fraction": 0.0}  # nothing is held out
    networks = [path for path in (pretrained, head_model, flow_network) if path is not None]
    given = [sha256(video), *(read_card(path)["sha256"] for path in networks), values]
    mark = hashlib.sha256(json.dumps(given).encode()).hexdigest()[:12]
    name = (re.sub(r"[^A-Za-z0-9_-]+", "-", video.stem).strip("-_") or "person")[:40]
    work = Path(params.profile.work) / "people" / f"{name}-{mark}"
    values["profile"] |= {"work": str(work)}
    paths = layout.Layout(str(work), params.profile.reports)
    videos = work / "videos"
    _link(video, videos / f"{name}{video.suffix.lower()}")
    model = Path(paths.artifact("head_model", "head_model"))
    for suffix in (".h5", ".json"):
        _link(head_model.with_suffix(suffix), model.with_suffix(suffix))
    made: dict[str, Path] = {"head_model": model}
    for stage, inputs in _STEPS.items():
        called = f"{REENACTING}.{name}" if stage == "finetune" else name
        made[stage] = Path(paths.artifact(stage, called))
        others = {"frames": {"videos": videos}, "cache": {"role": "train"}, "finetune": {"pretrained": pretrained}}
        if flow_network is not None:
            others["flow"] = {"network": flow_network}
        _once(stage, called, made[stage], Sections(values), {k: made[k] for k in inputs} | others.get(stage, {}))
    return NewPerson(validate(Params, values, str(video)), name, videos)


_STEPS: dict[str, tuple[str, ...]] = {
    "frames": (),
    "matting": ("frames",),
    "landmarks": ("frames",),
    "tracking": ("landmarks", "frames", "head_model"),
    "nmfc": ("tracking", "head_model"),
    "flow": ("frames",),
    "cache": ("frames", "matting", "landmarks", "tracking", "nmfc", "flow"),
    "finetune": ("cache",),
}


def _once(stage: str, name: str, output: Path, cfg: Sections, inputs: dict[str, Any]) -> None:
    if not (output.with_suffix(".json").exists() and output.exists()):  # a damaged one was removed, its card stayed
        log.info("%s: %s", name, stage)
        run_stage(stage, name, output, cfg, inputs)
    if is_rejected(output):
        card = read_card(output)
        output.with_suffix(".json").unlink()  # a changed video has another folder, but a changed mind has not
        raise UserError(card["reason"], card["remedy"])


def _link(target: Path, link: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.unlink(missing_ok=True)
        os.symlink(target.resolve(), link)
