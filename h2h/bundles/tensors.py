"""Which tensors a bundle must hold, by its own description."""

from __future__ import annotations

import torch
from torch import Tensor

from h2h.bundles.card import Card
from h2h.errors import UserError
from h2h.training.networks import build_networks

State = dict[str, dict[str, Tensor]]


def check_state(state: State, card: Card, where: str) -> None:
    """Compare the tensors of a bundle with the networks that its card describes.

    Raises:
        UserError: one is missing, not wanted, of another shape or type, or holds a value that is not finite.
    """
    with torch.device("meta"):  # shapes without memory
        networks = build_networks(card.network, card.image.size, card.rows, card.method, card.pretrained_embedder)
    wanted = {f"{group}/{key}": tensor for group, part in networks.state().items() for key, tensor in part.items()}
    found = {f"{group}/{key}": tensor for group, part in state.items() for key, tensor in part.items()}
    for name in sorted(set(wanted) | set(found)):
        if name not in found:
            raise _bad(where, f"it lacks the tensor {name}")
        if name not in wanted:
            raise _bad(where, f"it holds the tensor {name[:100]!r}, which its description has no place for")
        if found[name].shape != wanted[name].shape or found[name].dtype != wanted[name].dtype:
            what = f"{tuple(found[name].shape)} {found[name].dtype}"
            raise _bad(where, f"{name} is {what}, by its description {tuple(wanted[name].shape)} {wanted[name].dtype}")
        if not torch.isfinite(found[name]).all():
            raise _bad(where, f"{name} holds values that are not finite")


def without_rows(state: State) -> State:
    """The same without the people's rows w_i of W, which fine-tuning replaces by h_new (FS 3.4)."""
    image = {key: tensor[:0] if key == "rows" else tensor for key, tensor in state["image"].items()}
    return {**state, "image": image}


def _bad(where: str, what: str) -> UserError:
    return UserError(f"{where} is damaged or was altered: {what}", "ask for it again")
