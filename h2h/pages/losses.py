"""What the losses of the trainings are called in charts."""

LOSSES = {
    "perceptual": "perceptual",
    "mask": "mask",
    "eyes": "perceptual, eyes",
    "mouth": "perceptual, mouth",
    "pixel": "pixel",
    "identity_matching": "identity matching",
}
for _who, _what in {"image": "D_I", "mouth": "D_M", "dynamics": "D_V"}.items():
    LOSSES |= {
        f"g_{_who}": f"generator against {_what}",
        f"d_{_who}": f"discriminator {_what}",
        f"features_{_who}": f"feature matching, {_what}",
    }
