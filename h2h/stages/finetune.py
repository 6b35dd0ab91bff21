"""Few-shot fine-tuning of the rendering network on a new person (FS section 3.4)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h2h.config import Sections, load_params
from h2h.config.experiments import TUNED
from h2h.errors import UserError
from h2h.io.threads import share_cores


def run(
    name: str,
    output: Path,
    cfg: Sections,
    *,
    cache: Path,
    pretrained: Path | None = None,
    flow: Path | None = None,
    method: str = "ours",
) -> dict[str, Any]:
    """Fine-tune a pretrained network on a few consecutive frames of a new person (FS 3.4).

    Without --pretrained, the same from fresh weights; with --flow, with another flow than the cache's.
    """
    if method not in TUNED:
        raise UserError(f"the method {method} is not fine-tuned", "go on with synthesize")
    share_cores()
    import h5py
    import torch

    from h2h.io.cards import read_card
    from h2h.io.checkpoint import save_checkpoint
    from h2h.io.events import events_of
    from h2h.io.resume_file import resume_file
    from h2h.training import distributed
    from h2h.training.clips import Person
    from h2h.training.device import pick_device
    from h2h.training.few_shot import few_shot_frames
    from h2h.training.restore import load_networks
    from h2h.training.resume import fingerprint
    from h2h.training.session import clip_lengths, run_training
    from h2h.training.start import fresh_networks, person_feature

    compute = cfg.compute if "compute" in cfg else load_params().compute
    with h5py.File(cache, "r") as file:
        who, shots = str(file.attrs["name"]), few_shot_frames(file, cfg.finetune, cfg.seed)
    first, last = shots.start, shots.stop
    person = Person(cache, cfg.network.gaze, first, last, cfg.network.landmarks, flow)
    people, lengths = clip_lengths([person], cfg.finetune.clip_frames, cfg.finetune.longest_clip)
    torch.manual_seed(cfg.seed)
    if pretrained is None:
        networks, description = fresh_networks(cfg.network, cfg.image.size, people, method, cfg.seed)
    else:
        networks, description = load_networks(pretrained, cfg.network, cfg.image.size, method)
    if networks.embedder is not None:
        networks.to(distributed.join() or pick_device(), channels_last=True)
        networks.collapse(person_feature(networks.embedder, person, range(first, last)))
    trained_on = [] if pretrained is None else description["people"]
    description = {**description, "people": [who], "initialised_from": trained_on, "embedding": None}
    settings = {key: getattr(cfg, key).model_dump() for key in ("network", "losses", "finetune")}
    sources = [read_card(path)["sha256"] for path in (cache, pretrained, flow) if path is not None]
    summary = run_training(
        networks,
        people,
        cfg.finetune,
        cfg.losses,
        compute,
        seed=cfg.seed,
        lengths=lengths,
        snapshot_path=resume_file(output, name),
        mark=fingerprint([name, description, settings, cfg.seed, compute.precision, sources]),
        title=f"finetune {name}",
        diary=events_of("finetune", name),
    )
    save_checkpoint(output, networks.state(), description)
    person.close()
    start = {} if pretrained is None else {"pretrained": pretrained.stem}
    return {**description, **summary, **start, "first_frame": first, "frames": last - first}
