"""Run one stage: pass rejections on, rename the finished artifact, write its card last."""

from __future__ import annotations

import importlib
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from h2h.config import Sections
from h2h.errors import Rejected
from h2h.io.atomic import replacing
from h2h.io.cards import is_rejected, read_card, require_sound, write_card, write_rejection
from h2h.io.lifeline import follow_run
from h2h.io.machine import machine_fault
from h2h.io.resume_file import resume_file

log = logging.getLogger("h2h")
TRAINED = ("pretrain", "finetune")  # what several processes can share
ARTIFACTS = (".h5", ".safetensors")


def stage_function(stage: str) -> Callable[..., dict[str, Any]]:
    """The `run` function of a stage's module."""
    return importlib.import_module(f"h2h.stages.{stage}").run


def run_stage(stage: str, name: str, output: Path, cfg: Sections, inputs: dict[str, Any]) -> bool:
    """Run a stage for one person (or one model, or the whole project).

    A single artifact among the inputs that was rejected makes this artifact rejected too; of a list of
    artifacts (the people of a training set) the rejected ones are left out.

    Args:
        stage: a name from `h2h.stages.STAGES`.
        name: the person, or what the artifact is called.
        output: the artifact to write; its card goes beside it.
        cfg: the sections of the parameters that the stage reads.
        inputs: the keyword-only arguments of the stage's `run`.

    Returns:
        True if the artifact was made, False if the person was rejected (which is recorded).

    Raises:
        UserError: among others an input is damaged, or the machine failed (a full disk, too little memory): neither
            is a reason to reject anybody.
    """
    follow_run()
    began = time.monotonic()
    assists = stage in TRAINED and int(os.environ.get("RANK", "0")) > 0  # a further process of a shared training
    kept: dict[str, Any] = {}
    for key, value in inputs.items():
        if isinstance(value, list):
            kept[key] = [path for path in value if not is_rejected(path)]
            for path in value:
                if path not in kept[key]:
                    log.warning("%s: left out %s: %s", stage, path.stem, read_card(path)["reason"])
        elif isinstance(value, Path) and value.suffix in ARTIFACTS and is_rejected(value):
            if assists:
                return False
            card = read_card(value)
            write_rejection(output, stage, name, card["reason"], card["remedy"], card["at"])
            log.warning("%s %s: passed on the rejection by %s: %s", stage, name, card["at"], card["reason"])
            return False
        else:
            kept[key] = value
    if assists:
        return _assist(stage, name, output, cfg, kept)
    for value in kept.values():
        for path in value if isinstance(value, list) else [value]:
            if isinstance(path, Path) and path.suffix in ARTIFACTS:
                require_sound(path)
    try:
        with replacing(output) as temporary:
            summary = stage_function(stage)(name, temporary, cfg, **kept)
    except Exception as error:
        if told := machine_fault(error, output):
            raise type(told)(f"{stage} {name}: {told.what}", told.remedy) from error
        if not isinstance(error, Rejected):
            raise
        write_rejection(output, stage, name, f"{name}: {error.what}", error.remedy)
        log.error("%s %s: rejected: %s", stage, name, error)
        return False
    write_card(output, stage, name, summary)
    resume_file(output, name).unlink(missing_ok=True)  # not before: until here a training can still be lost
    log.info("%s %s: done in %.1f s", stage, name, time.monotonic() - began)
    return True


def _assist(stage: str, name: str, output: Path, cfg: Sections, inputs: dict[str, Any]) -> bool:
    """A further process of a shared training: the first one writes what comes out."""
    unused = output.with_name(f".{output.stem}.rank{os.environ['RANK']}{output.suffix}")
    try:
        stage_function(stage)(name, unused, cfg, **inputs)
    except Rejected:
        return False
    finally:
        unused.unlink(missing_ok=True)
    return True
