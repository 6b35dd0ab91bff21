"""A project whose artifacts are drawn instead of computed: what a report is made from."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import yaml
from click.testing import CliRunner

sys.path += [str(Path(__file__).parents[1] / beside) for beside in ("bundles", "training")]
from synthetic import write_cache
from tiny_head import head_model

from h2h.cli import program
from h2h.config import merge, read_yaml
from h2h.io.atomic import write_json
from h2h.io.cards import write_card, write_rejection
from h2h.io.events import events_of
from h2h.io.h5 import reading, writing
from h2h.io.record import Record
from h2h.io.synthetic_video import SyntheticVideo
from h2h.io.video_writer import side_by_side, write_video
from h2h.tracking.head_model import save_head_model

ROOT = Path(__file__).parents[2]
PEOPLE = {"ann": "target", "bea": "train", "cyd": "source"}
FRAMES, TRAINED, SIDE, FPS = 24, 16, 32, 20.0
SELVES = ("ours", "vid2vid", "nearest_frame")
FIGURES = {
    "fs_figure2": ["synthesize/ours.ann.cyd"],
    "fs_figure3": ["synthesize/ours.ann.ann", "synthesize/vid2vid.ann.ann"],
    "fs_figure6": ["synthesize/ours.ann.ann"],
    "h2h_figure2": ["synthesize/ours.ann.ann"],
    "h2h_figure3": ["round_trip/ours.ann.cyd"],
}
DISTANCES = {"ours": 10.125, "vid2vid": 12.5, "nearest_frame": 31.75}
CURVE = [{"clip": n, "perceptual": 3.0 / n, "mask": 0.1, **({"g_image": 0.5} if n > 2 else {})} for n in range(1, 6)]


def make_project(folder: Path) -> None:
    """Three people, one of them a target with three methods, a fourth one rejected; in the current folder."""
    values = merge(read_yaml(ROOT / "params.yaml"), read_yaml(ROOT / "tests/params.tiny.yaml"))
    values["image"] = {"size": SIDE}
    values["network"]["halvings"] = 1
    values["identities"] |= {
        "folds": {"default": {"initialise": ["bea"], "targets": ["ann"]}},
        "reenactments": [["cyd", "ann"]],
    }
    values["identities"]["quickstart"] = {"target": "ann", "source": "cyd", "methods": ["ours", "nearest_frame"]}
    kept = ("ours", "vid2vid", "vid2vid_slow", "nearest_frame", "x2face")
    values["experiments"] = {name: values["experiments"][name] for name in kept}
    values["tables"] = {
        "table1": {
            "title": "Held-out frames",
            "rows": ["ours", "vid2vid", "x2face", "nearest_frame"],
            "published": "table1",
        },
        "figure4": {"title": "Without time", "rows": ["x2face"]},
        "table1_full": {"title": "More of it", "rows": ["ours"], "seeds": [1, 2], "full": True},
    }
    kept = ("fs_figure3", "fs_figure6", "h2h_figure2")
    values["figures"] = {name: values["figures"][name] for name in kept}
    values["figures"]["fs_figure3"] |= {"rows": ["ours", "vid2vid"]}
    values["figures"]["fs_figure2"] = {
        "shows": "driven", "caption": "Who drives.", "table": "table1", "rows": ["ours"],
        "metrics": ["face_shape_distance"],
    }  # fmt: skip
    values["figures"]["h2h_figure3"] = {
        "shows": "cycle", "caption": "There & back.", "table": "table1", "rows": ["ours"], "metrics": ["fid"],
    }  # fmt: skip
    values["tables"]["table1"] |= {"transfers": True, "cycles": [["ann", "cyd"]], "detector": True}
    (folder / "params.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
    shutil.copy(ROOT / "dvc.yaml", folder)
    (folder / "h2h").symlink_to(ROOT / "h2h")  # whose code the stages' digests are of
    work = folder / "work"
    path = work / "head_model/head_model.h5"
    path.parent.mkdir(parents=True)
    save_head_model(head_model(expression=30), path)
    write_card(path, "head_model", "head_model", {"source": "drawn", "vertices": 60, "identity": 4, "expression": 30})
    for number, (name, role) in enumerate(PEOPLE.items()):
        write_person(folder, name, role, number)
    for stage in ("frames", "cache"):
        write_rejection(work / f"{stage}/eve.h5", stage, "eve", "eve: no face & no <hope>", "film the face", "frames")
    (folder / "data/identities/eve").mkdir()
    for stage, key in (("pretrain", "ours.default"), ("finetune", "ours.ann"), ("finetune", "vid2vid.ann")):
        write_training(work, stage, key)
    for name in SELVES:
        write_result(work, name, "ann", "ann")
        write_score(work, name)
    write_result(work, "ours", "ann", "cyd")
    driven = {"face_shape_distance": 1.25, "face_shape_distance_interval": [1.0, 1.5], "source_shape_distance": 2.5}
    driven |= {"frames": 10, "features": "dlib"}
    write_cycle(work)
    judged = {"kind": "ours", "person": "ann", "driver": "ann", "kind_known": False, "person_known": True, "frames": 8}
    judged |= {"called_synthesised": 0.25, "low": 0.0, "high": 0.5}
    single = {**judged, "known": "vid2vid", "called_synthesised": 0.75}
    study = {"known": ["vid2vid"], "judged": [judged], "one_kind": [single]}
    write_card(artifact(work, "detector", "table1", touch=True), "detector", "table1", study)
    write_card(artifact(work, "transfers", "ours.ann.cyd", touch=True), "transfers", "ours.ann.cyd", driven)


def write_person(folder: Path, name: str, role: str, seed: int) -> None:
    work = folder / "work"
    cache = write_cache(work / f"cache/{name}.h5", name, FRAMES, SIDE, TRAINED, seed, role=role, fps=FPS, identity=4)
    write_card(cache, "cache", name, {"frames": FRAMES, "held_out": FRAMES - TRAINED, "role": role, "size": SIDE})
    rng = np.random.default_rng(seed)
    still = rng.integers(60, 200, (1, 64, 64, 3), dtype=np.uint8).repeat(FRAMES, 0)
    with writing(artifact(work, "frames", name)) as writer:
        for i in range(FRAMES):
            writer.append(frames=still[i], clip=np.int32(0), source_frame=np.int64(i))
        writer.file["crop"] = [[10.0, 5.0, 60.0]]
        writer.file.attrs["clips"] = json.dumps(["clip.mp4"])
    with reading(cache) as packed, writing(artifact(work, "landmarks", name)) as writer:
        for points in packed["landmarks"][:]:
            writer.append(landmarks=points, iris=np.full((2, 5, 2), 0.5, np.float32))
    for stage in ("frames", "matting", "landmarks", "tracking", "nmfc", "flow"):
        write_card(artifact(work, stage, name, touch=True), stage, name, {})
    (folder / f"data/identities/{name}").mkdir(parents=True)
    write_video(folder / f"data/identities/{name}/clip.mp4", [np.full((96, 128, 3), 90, np.uint8)] * FRAMES, FPS)
    text = (
        f"licence: CC0\ncredit: {name.title()} <herself>\n" if name != "bea" else "licence: private\nconsent: asked\n"
    )
    (folder / f"data/identities/{name}/identity.yaml").write_text(f"role: {role}\n{text}")


def artifact(work: Path, stage: str, name: str, touch: bool = False) -> Path:
    path = work / stage / f"{name}.h5"
    path.parent.mkdir(parents=True, exist_ok=True)
    if touch:
        path.touch()
    return path


def write_training(work: Path, stage: str, key: str) -> None:
    path = artifact(work, stage, key, touch=True).with_suffix(".safetensors")
    path.write_bytes(b"weights")
    start = {"pretrained": "ours.default"} if key == "ours.ann" else {}
    people = ["bea"] if stage == "pretrain" else ["ann"]
    write_card(path, stage, key, {"clips": 5, "steps": 10, "people": people, "curves": CURVE, **start})
    with events_of(stage, key)(0) as events:
        for step in range(1, 20):
            events.picture(step, "samples", np.full((3 * SIDE, 4 * SIDE, 3), 10 * step, np.uint8))


def write_result(work: Path, method: str, target: str, source: str) -> None:
    key = f"{method}.{target}.{source}"
    index = np.arange(TRAINED, FRAMES) if source == target else np.arange(10)
    picture = np.full((SIDE, SIDE, 3), 100, np.uint8)
    path = artifact(work, "synthesize", key)
    with writing(path) as writer:
        for i in index:
            writer.append(
                frames=picture, composite=picture, nmfc=picture, gaze=picture, mask=picture[..., 0], index=np.int32(i)
            )
    network = {} if method == "nearest_frame" else {"network": f"finetune/{method}.{target}"}
    write_card(path, "synthesize", key, {"frames": len(index), "fps": FPS, "method": method, **network})
    with SyntheticVideo(path.with_suffix(".mp4"), FPS, Record(key, target, "self", None, ())) as film:
        for _ in index:
            film.append(side_by_side(picture, picture, picture))


def write_cycle(work: Path) -> None:
    path = artifact(work, "round_trip", "ours.ann.cyd")
    picture = np.full((SIDE, SIDE, 3), 100, np.uint8)
    with writing(path) as writer:
        for i in range(TRAINED, FRAMES):
            error = np.full((SIDE, SIDE), 20, np.uint8)
            writer.append(frames=picture, between=picture, error=error, mask=error, index=np.int32(i))
    found = {
        "frames": FRAMES - TRAINED,
        "average_pixel_distance": 20.5,
        "average_pixel_distance_interval": [18.0, 23.0],
    }
    write_card(path, "round_trip", "ours.ann.cyd", found)


def write_score(work: Path, method: str, person: str = "ann") -> None:
    path = artifact(work, "evaluate", f"{method}.{person}")
    with writing(path) as writer:
        for i in range(FRAMES - TRAINED):
            writer.append(pixel_distance=np.float32(10 + i), error=np.full((SIDE, SIDE), 20, np.uint8))
    distance = DISTANCES[method]
    summary = {"average_pixel_distance": distance, "average_pixel_distance_interval": [distance - 1.5, distance + 2.5]}
    summary |= {"masked_average_pixel_distance": 2 * distance, "mouth_average_pixel_distance": 3 * distance}
    summary |= {"ssim": 0.875, "ssim_interval": [0.75, 0.9375]}
    summary |= {"mask_iou": 0.9125, "warping_error": 4.375, "mouth_fid": 0.25, "fid": 0.0625, "fid_deviation": 0.01}
    write_card(path, "evaluate", f"{method}.{person}", {**summary, "frames": FRAMES - TRAINED, "features": "dlib"})


def write_tables(folder: Path) -> None:
    """What the stage tables and `h2h metrics` make of the scores."""
    from h2h.config import Sections, load_params
    from h2h.stages import tables

    gathered = {}
    for name in load_params().tables:
        csv = folder / f"reports/tables/{name}.csv"
        csv.parent.mkdir(parents=True, exist_ok=True)
        scores = [] if name == "figure4" else [folder / f"work/evaluate/{method}.ann.h5" for method in SELVES]
        driven = [folder / "work/transfers/ours.ann.cyd.h5"] if name == "table1" else []
        inputs = {"evaluations": scores, "markdown": csv.with_suffix(".md"), "transfers": driven}
        if name == "table1":
            inputs |= {
                "cycles": [folder / "work/round_trip/ours.ann.cyd.h5"],
                "detector": [folder / "work/detector/table1.h5"],
            }
        found = tables.run(name, csv, Sections({}), **inputs)
        gathered[name] = found["scores"]
    few = {name: scores for name, scores in gathered.items() if not name.endswith("_full")}
    write_json(folder / "reports/metrics.json", few)
    write_json(folder / "reports/full_metrics.json", gathered)


def h2h(*arguments):
    done = CliRunner().invoke(program, [str(a) for a in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output


def media():
    for name in PEOPLE:
        inputs = [f"--{stage}=work/{stage}/{name}.h5" for stage in ("cache", "frames", "landmarks")]
        h2h("person_media", "--name", name, *inputs, "--head-model=work/head_model/head_model.h5", "--cfg={}",
            f"--output=reports/media/{name}/contact_sheet.jpg")  # fmt: skip


def pages():
    """What the workflow's jobs do in `all`."""
    common = ["--work=work", "--reports=reports", "--cfg={}"]
    made = [f"--made=work/synthesize/{method}.ann.ann.h5" for method in SELVES]
    scored = [f"--scored=work/evaluate/{method}.ann.h5" for method in SELVES]
    for name in (*PEOPLE, "eve"):
        own = [*made, "--made=work/synthesize/ours.ann.cyd.h5", *scored] if name == "ann" else []
        h2h("person_page", "--name", name, f"--output=reports/people/{name}.html", *common, *own)
    for name in (*SELVES, "x2face"):
        own = [option for option in (*made, *scored) if f"/{name}." in option]
        h2h("experiment_page", "--name", name, f"--output=reports/experiments/{name}.html", *common, *own)
    lacking = "--made=work/synthesize/x2face.ann.ann.h5"
    for name in ("table1", "figure4"):
        own = [*made, lacking] if name == "table1" else [lacking]
        h2h("table_page", "--name", name, f"--output=reports/results/{name}.html", *common, *own)
    for name, shown in FIGURES.items():
        own = [f"--made=work/{path}.h5" for path in shown]
        h2h("figure_page", "--name", name, f"--output=reports/figures/{name}.html", *common[:2], *own)
    h2h("tables_pdf", "--name=tables", "--reports=reports", "--cfg={}", "--output=reports/h2h_tables.pdf")
    h2h("report", "--name=report", "--metrics=reports/metrics.json", "--output=reports/index.html", *common)
