"""Multi-person initialisation of the rendering network (FS section 3.3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h2h.config import Sections, load_params
from h2h.io.threads import share_cores


def run(
    name: str,
    output: Path,
    cfg: Sections,
    *,
    caches: list[Path],
    flows: list[Path] | None = None,
    head_model: Path | None = None,
    method: str = "ours",
) -> dict[str, Any]:
    """Train one network on several people (FS 3.3), or take the one that pretrain.imported names.

    X2Face's released weights (network.x2face) are only copied.
    --flows, EXPERIMENT.PERSON of the same people, are read instead of the flows in the caches.
    --head-model is the one behind the caches: it is recorded, since fine-tuning needs the same one.
    """
    share_cores()
    import torch

    from h2h.bundles.mark import head_model_mark
    from h2h.errors import Rejected, UserError
    from h2h.io.cards import read_card
    from h2h.io.checkpoint import save_checkpoint
    from h2h.io.events import events_of
    from h2h.io.resume_file import resume_file
    from h2h.stages.imported import run_imported
    from h2h.tracking.head_model import load_head_model
    from h2h.training.clips import Person
    from h2h.training.resume import fingerprint
    from h2h.training.session import clip_lengths, run_training
    from h2h.training.start import fresh_networks

    if cfg.pretrain.imported is not None:
        if head_model is None:
            raise UserError("an imported network needs --head-model, to compare", "name the head model")
        return run_imported(output, cfg, method, head_model)
    if not caches:
        raise Rejected("nobody is left to train on", "add people to identities.folds, or mend the rejected ones")
    compute = cfg.compute if "compute" in cfg else load_params().compute
    others = {path.stem.split(".")[-1]: path for path in flows or []}
    everyone = [
        Person(path, cfg.network.gaze, sketch=cfg.network.landmarks, flow=others[path.stem] if others else None)
        for path in sorted(caches)
    ]
    people, lengths = clip_lengths(everyone, cfg.pretrain.clip_frames, cfg.pretrain.longest_clip)
    torch.manual_seed(cfg.seed)
    networks, description = fresh_networks(cfg.network, cfg.image.size, people, method, cfg.seed)
    settings = {key: getattr(cfg, key).model_dump() for key in ("network", "losses", "pretrain")}
    sources = [read_card(path)["sha256"] for path in [*sorted(caches), *sorted(flows or [])]]
    mark = fingerprint([name, description, settings, cfg.seed, compute.precision, sources])
    summary: dict[str, Any] = {"clips": 0, "steps": 0, "curves": []}
    if description["people"]:
        summary = run_training(
            networks,
            people,
            cfg.pretrain,
            cfg.losses,
            compute,
            seed=cfg.seed,
            lengths=lengths,
            embedding_frames=cfg.pretrain.embedding_frames,
            lr_embedder=cfg.pretrain.lr_embedder,
            snapshot_path=resume_file(output, name),
            mark=mark,
            title=f"pretrain {name}",
            diary=events_of("pretrain", name),
        )
    save_checkpoint(output, networks.state(), description)
    for person in everyone:
        person.close()
    made_with = {key: getattr(cfg, key).model_dump() for key in ("losses", "pretrain", "image", "nmfc")}
    mark = None if head_model is None else head_model_mark(load_head_model(head_model)).model_dump()
    made_with |= {"seed": cfg.seed, "head_model": mark}
    return {**description, **summary, "frames": {p.name: p.frames for p in people}, "made_with": made_with}
