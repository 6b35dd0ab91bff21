"""Stages: files -> functions -> files; besides `h2h.io` the only place that opens files.

One stage name is used everywhere: section of params.yaml = module here = Snakemake rule = DVC stage =
folder of artifacts = command of the `h2h` program. Each module has one function

    run(name: str, output: Path, cfg: Sections, *, <inputs>) -> dict

which writes `output` (a temporary name that the runner renames) and returns the summary for the card.
Its keyword-only arguments become the command's options.
"""

STAGES: dict[str, str] = {
    "frames": "Decode a person's videos, find the face, crop and resample.",
    "matting": "Soft foreground masks.",
    "landmarks": "68 iBUG points and both irises for every frame.",
    "head_model": "Build the open 3D morphable head model.",
    "tracking": "Fit the head model to a whole video (eq. 1-2).",
    "nmfc": "Render NMFC images (eq. 3) and gaze images.",
    "flow": "Optical flow between consecutive frames.",
    "flow_data": "Pairs of faces with their true flow, from 4D scans.",
    "flow_pretrain": "Train a flow network on moving shapes, or take official weights.",
    "flow_finetune": "Fine-tune it on faces: the facial flow.",
    "cache": "Pack everything that training reads into one HDF5 file.",
    "pretrain": "Train the rendering network on many people (FS 3.3).",
    "finetune": "Fine-tune it on a new person from a few frames (FS 3.4).",
    "synthesize": "Generate a video of a target, driven by any source.",
    "evaluate": "Score synthesised held-out frames against the truth.",
    "transfers": "Score heads that other people drive: whose face they show.",
    "round_trip": "Cycle reenactment: a person drives another one, whose video drives the person.",
    "detector": "Train a forgery detector and let it judge: the automated study.",
    "tables": "Gather the scores into the papers' tables and metrics.json.",
    "person_media": "Pictures and films of what was found in a person's videos.",
    "person_page": "The report's page about a person.",
    "table_page": "The report's page about a table.",
    "figure_page": "The report's page that stands for a figure of the papers.",
    "experiment_page": "The report's page about an experiment.",
    "tables_pdf": "All tables as a PDF.",
    "report": "The report's first page, and those about data, environment and study.",
}
