from h2h.pages.losses import in_order, loss_name


def test_losses_have_names_and_an_order():
    keys = ["d_image", "g_dynamics_0", "brand_new", "mask", "features_mouth", "perceptual"]
    assert in_order(keys) == ["perceptual", "mask", "brand_new", "features_mouth", "g_dynamics_0", "d_image"]
    assert [loss_name(key) for key in in_order(keys)] == [
        "perceptual", "mask", "brand_new",
        "feature matching, D_M", "generator against D_V, scale 1", "discriminator D_I",
    ]  # fmt: skip
