"""Sections of `params.yaml` for networks, losses, training, synthesis and evaluation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from h2h.config.base import Fraction, Section


class Network(Section):
    """Architectures of the generator, the embedder, the three discriminators and X2Face."""

    filters: int = Field(description="base filters of the generator and of X2Face (papers: 64)", ge=4)
    halvings: int = Field(description="stride-2 convolutions in each encoder (release: 3)", ge=1, le=3)
    patch: int = Field(description="side of the squares of pixels that G takes as channels (papers: 1)", ge=1, le=4)
    encoder_blocks: int = Field(description="residual blocks in each encoder (release: 5)", ge=0)
    decoder_blocks: int = Field(description="residual blocks in the decoder (release: 4)", ge=0)
    condition_frames: int = Field(description="conditional inputs that the generator sees (papers: 3)", ge=1)
    history_frames: int = Field(description="previous outputs that the generator sees (papers: 2)", ge=0)
    discriminator_filters: int = Field(description="base filters of the discriminators (release: 64)", ge=4)
    discriminator_layers: int = Field(description="strided layers of each PatchGAN (release: 3)", ge=1, le=5)
    discriminator_scales: int = Field(description="image scales of D_I (release: 2)", ge=1, le=4)
    embedder: Literal["inception_resnet_v1", "tiny", "none"] = Field(
        description="E_id; none: without identity feature, AdaIN and W (Head2Head, one network a person); tiny (a few "
        "convolutions) is for the test profile only"
    )
    embedder_weights: str = Field(description="path of InceptionResnetV1's vggface2 weights, used when there")
    embedding: int = Field(description="n_f, length of the identity feature (FS: 512)", ge=8)
    gaze: bool = Field(description="gaze images beside the NMFC images in the conditional input")
    landmarks: bool = Field(description="drawn landmarks instead of NMFC images in the conditional input (a baseline)")
    mouth_conditioned: bool = Field(description="D_M also sees the conditional input (Head2Head)")
    mouth_crop: Fraction = Field(description="side of the mouth crop over the frame's (release: 72/256)")
    mouth_scales: int = Field(description="image scales of D_M (release: 2)", ge=1, le=4)
    mouth_discriminator: bool = Field(description="D_M; not in vid2vid")
    dynamics_discriminator: bool = Field(description="D_V, and with it its feature matching")
    dynamics_frames: int = Field(description="K, frames D_V sees", ge=2)
    dynamics_scales: int = Field(description="temporal scales of D_V (papers: 3)", ge=1)
    dynamics_factor: int = Field(description="temporal sub-sampling between scales (FS 2, Head2Head 3)", ge=2)
    dynamics_foreground: bool = Field(
        description="the flow that D_V sees is the person's alone (FS), not that of the frames with their background"
    )
    x2face: Literal["trained", "released"] = Field(
        description="X2Face: trained on the multi-person set, or the authors' weights as they are (FS Table 1; 256 px)"
    )
    x2face_weights: str = Field(description="path of the authors' X2Face weights, for released")


class Losses(Section):
    """Objective functions; weights as in FS section 4."""

    adversarial: Literal["hinge", "lsgan"] = Field(description="FS hinge, Head2Head LSGAN")
    perceptual: float = Field(description="lambda_vgg", ge=0)
    close_up: float = Field(description="L_vgg once more on the enlarged eyes and mouth; 0 in the papers", ge=0)
    feature_matching: float = Field(description="lambda_feat, on D_I and D_V", ge=0)
    mask: float = Field(description="lambda_mask", ge=0)
    identity_matching: float = Field(description="lambda_mch, on the embedder", ge=0)
    pixel: float = Field(description="L1 between frames; 0 in the papers", ge=0)
    perceptual_network: Literal["auto", "vgg19", "efficientnet_lite0"] = Field(
        description="auto: VGG19 when its weights are there, else the packaged EfficientNet-Lite0"
    )
    vgg_weights: str = Field(description="path of torchvision's VGG19 ImageNet weights")


class Optimiser(Section):
    """Shared by both training stages."""

    epochs: float = Field(description="passes over the training frames, also a part of one", gt=0)
    batch: int = Field(description="clips in a step", ge=1)
    parts: int = Field(description="of a batch, worked on one after the other: the same steps in less memory", ge=1)
    clip_frames: int = Field(description="frames of a training clip, of the first ones where they grow", ge=3)
    longest_clip: int = Field(
        description="clips double up to so many frames, if half of the people have runs of that length, as much of the "
        "training with each (release: 12 to 48); 0: they stay as they are",
        ge=0,
    )
    chunk_frames: int = Field(description="frames of a clip in an optimiser step", ge=1)
    gradient_frames: int = Field(
        description="of a step's frames so many in a row form one graph; 1: a previous output is an input without "
        "gradient (release)",
        ge=1,
    )
    lr_generator: float = Field(description="Adam's rate for G", gt=0)
    lr_discriminator: float = Field(description="Adam's rate for D_I, D_M and D_V", gt=0)
    decay_fraction: Fraction = Field(description="last part of the steps with linearly falling rates")
    average: float = Field(description="decay of G's running mean weights, which are kept; 0: none", ge=0, lt=1)
    warmup_fraction: Fraction = Field(
        description="first part of the clips, in which the generator learns without discriminators (papers: 0)"
    )
    augment: Fraction = Field(
        description="largest shift (of the picture's side), zoom and turn (radians) of a clip's pictures"
    )


class Pretrain(Optimiser):
    """Multi-person initialisation (FS section 3.3)."""

    lr_embedder: float = Field(description="Adam's rate for E_id", gt=0)
    embedding_frames: int = Field(description="M, frames averaged by the embedder (eq. 4)", ge=1)
    imported: str | None = Field(description="a bundle that `h2h import` took in, instead of this training")


class Finetune(Optimiser):
    """Few-shot fine-tuning (FS section 3.4)."""

    frames: int = Field(description="consecutive training frames (FS: 50 to 500)", ge=4)
    window: Literal["covering", "drawn"] = Field(
        description="which ones: those that cover most of the person's poses and expressions, or drawn by seed (FS)"
    )


class Synthesize(Section):
    """Autoregressive synthesis and the transfer from a source."""

    mode: Literal["head", "face", "expression"] = Field(description="what a cross-person reenactment transfers")
    scale: Literal["target", "source"] = Field(description="whose camera scale")
    translation_sigmas: float = Field(description="translation clamp around the target's mean, in its sigmas", gt=0)
    smooth_frames: int = Field(description="box filter over scale and translation", ge=1)
    background: Literal["black", "target"] = Field(description="behind cross-person videos: black or a clean plate")
    max_frames: int = Field(description="longest cross-person video, frames", ge=1)


class Evaluate(Section):
    """Metrics on held-out frames."""

    features: Literal["auto", "arcface", "dlib"] = Field(
        description="FID's face-identity features; auto: ArcFace when its ONNX file is there, else dlib's 128-d net"
    )
    arcface: str = Field(description="path of the ArcFace ONNX file")
    perceptual: Literal["auto", "lpips", "efficientnet_lite0"] = Field(
        description="perceptual distance; auto: LPIPS when AlexNet's weights are there, else EfficientNet-Lite0's"
    )
    alexnet: str = Field(description="path of torchvision's AlexNet ImageNet weights, for LPIPS")
    bootstrap: int = Field(description="bootstrap samples for the intervals", ge=10)


class Detector(Section):
    """The automated study: a forgery detector's word on synthesised frames."""

    known: list[Literal["vid2vid", "x2face"]] = Field(
        description="methods whose frames it is trained on; those of others it meets when it judges", min_length=1
    )
    weights: str = Field(description="path of an Xception of FaceForensics++, which is then asked, too (full_c23.p)")
    quality: int = Field(description="of the JPEG files that all faces go through", ge=1, le=100)
    penalty: float = Field(description="on the squared weights of the logistic regression", gt=0)


class Compute(Section):
    """How, not what: no stage's result is stale when this changes."""

    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        description="training precision; auto: what is quickest on this machine. fp16 scales its losses; for older GPUs"
    )
    compile: bool = Field(description="torch.compile the generator of a training")
    threads: int = Field(description="CPU threads a training job uses, 0: all", ge=0)
    processes: int = Field(
        description="processes that share a training's batches: one a GPU, or on a CPU one for every core or two", ge=1
    )
