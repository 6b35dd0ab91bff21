"""Peak memory of the per-identity jobs (but tracking) on a 10-minute 1080p video.

    python benchmarks/memory.py [--max-frames 1000]

The video is made first: a real face (scikit-image's astronaut) wandering over a wall, 12000 frames at 20 a second.
Every stage runs as its own process, as in the pipeline; its peak resident set is what the kernel reports.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import av
import cv2
import numpy as np
from skimage import data

from h2h.config import load_params
from h2h.evaluation.environment import processor

GOAL_GB = 1.5
CHILD = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, code)
"""


def make_video(path: Path, minutes: float) -> None:
    """A 1920 x 1080 video with one moving face."""
    face = cv2.resize(np.ascontiguousarray(data.astronaut()[:256, 96:352]), None, fx=2.5, fy=2.5)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=20, options={"preset": "ultrafast", "crf": "28"})
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        for i in range(round(minutes * 60 * 20)):
            shift = np.float32([[1, 0, 600 + 60 * np.sin(i / 15)], [0, 1, 200 + 20 * np.cos(i / 9)]])
            image = cv2.warpAffine(face, shift, (1920, 1080), borderValue=(90, 100, 110))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())


def peak_gb(arguments: list[str]) -> float:
    """Run a stage in its own process; its peak resident set in GB."""
    command = [sys.executable, "-c", CHILD, sys.executable, "-m", "h2h.cli", *arguments]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    kilobytes, code = output.split()[-2:]
    if code != "0":
        raise SystemExit(f"{arguments[0]} failed")
    return int(kilobytes) * 1024 / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--max-frames", type=int, default=load_params().frames.max_frames)
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    cfg = json.loads(load_params().model_dump_json())
    cfg["frames"]["max_frames"] = options.max_frames
    text = json.dumps(cfg)
    print(f"{processor()}; {options.minutes} minutes of 1080p, frames.max_frames = {options.max_frames}")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "anna").mkdir()
        make_video(work / "anna" / "clip.mp4", options.minutes)

        def artifact(stage: str, name: str = "anna") -> str:
            return str(work / stage / f"{name}.h5")

        jobs = {
            "frames": ["--videos", str(work / "anna")],
            "matting": ["--frames", artifact("frames")],
            "landmarks": ["--frames", artifact("frames")],
            "flow": ["--frames", artifact("frames")],
            "head_model": [],
            "tracking": ["--frames", artifact("frames"), "--landmarks", artifact("landmarks")],
            "nmfc": ["--tracking", artifact("tracking")],
            "cache": ["--role", "target"],
        }
        model = artifact("head_model", "head_model")
        jobs["tracking"] += ["--head-model", model]
        jobs["nmfc"] += ["--head-model", model]
        for part in ("frames", "matting", "landmarks", "tracking", "nmfc", "flow"):
            jobs["cache"] += [f"--{part}", artifact(part)]
        peaks = {}
        for stage, inputs in jobs.items():
            name = "head_model" if stage == "head_model" else "anna"
            arguments = [stage, "--name", name, "--output", artifact(stage, name), "--cfg", text, *inputs]
            peaks[stage] = peak_gb(arguments)
            print(f"{stage:12} {peaks[stage]:.2f} GB", flush=True)
    per_identity = {k: v for k, v in peaks.items() if k not in ("tracking", "head_model")}
    worst = round(max(per_identity.values()), 3)
    print(json.dumps({"peak_gb": {"value": worst, "goal": GOAL_GB, "op": "<=", "met": worst <= GOAL_GB}}))


if __name__ == "__main__":
    main()
