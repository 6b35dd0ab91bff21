"""Sections of `params.yaml` for the head model, tracking, NMFC and gaze images, flow and the cache."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from h2h.config.base import Fraction, Section


class HeadModel(Section):
    """The 3D morphable head model."""

    source: Literal["anny", "auto", "lsfm", "bfm2009", "bfm2017", "bfm2019", "flame", "ict", "surrey"] = Field(
        description="anny builds the open model; the others import a published one from head_model.path; "
        "auto is lsfm where that file is there, else anny"
    )
    path: str = Field(description="file or folder of the published model; not read for anny")
    samples: int = Field(description="random heads drawn for the identity PCA", ge=200)
    identity: int = Field(description="identity components n_i kept", ge=4, le=200)
    expression: int = Field(description="expression components n_e kept", ge=4, le=43)
    dense: bool = Field(description="find the 468 points of MediaPipe's face mesh on the model (a quarter of a minute)")

    @model_validator(mode="after")
    def _enough_samples(self) -> HeadModel:
        if self.identity >= self.samples:
            raise ValueError("head_model.identity must be below head_model.samples")
        return self


class Tracking(Section):
    """Eq. 2 of both papers: fitting the head model to a whole video."""

    landmark_weight: float = Field(description="w_l, of the landmark term (squared mm)", gt=0)
    dense_weight: float = Field(
        description="weight of each of MediaPipe's 468 points, over a landmark's 1; 0 fits the papers' 68 alone", ge=0
    )
    identity_prior: float = Field(description="weight of the identity prior, scaled by the number of frames", gt=0)
    expression_prior: float = Field(description="weight of the expression prior", gt=0)
    smoothness: float = Field(description="w_sm, of the second differences of the expression", ge=0)
    identity_bound: float = Field(description="box constraint on s_id, in standard deviations", gt=0)
    expression_bound: float = Field(description="box constraint on s_exp, in standard deviations", gt=0)
    alternations: int = Field(description="rounds of camera and shape estimation in the initialisation", ge=1, le=20)
    contour: bool = Field(description="fit the jaw line (17 points) too")
    max_residual: Fraction = Field(
        description="landmark RMS over the distance of the outer eye corners above which a frame counts as untracked"
    )


class Nmfc(Section):
    """NMFC images (eq. 3) and gaze images."""

    region: Literal["face", "head"] = Field(description="face skin only, or the head's whole skin")
    supersample: int = Field(ge=1, le=8, description="rendered at this times image.size, then averaged")


class Flow(Section):
    """Optical flow between consecutive real frames, which conditions the dynamics discriminator."""

    method: Literal["dis", "flownet2"] = Field(description="OpenCV DIS, or a network of the FlowNet2 family (papers)")
    preset: Literal["ultrafast", "fast", "medium"] = Field(description="OpenCV DIS preset")
    network: Literal["original", "facial"] = Field(
        description="of flownet2: before (flow_pretrain) or after the fine-tuning on faces (flow_finetune)"
    )


class Cache(Section):
    """One HDF5 file a person with everything that training reads."""

    chunk_frames: int = Field(description="frames in one HDF5 chunk", ge=1, le=256)
    compression: Literal["gzip", "none"] = Field(description="HDF5 filter")
    test_frames: int = Field(description="frames held out at the end (FS: the last 100)", ge=1)
    short_clip_fraction: Fraction = Field(
        description="initialisation-only people too short for test_frames hold out this last part"
    )
    min_train_frames: int = Field(description="a target needs at least this many training frames", ge=1)
