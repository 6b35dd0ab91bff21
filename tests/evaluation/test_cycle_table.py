from h2h.evaluation import cycle_table


def test_cycles_beside_self_reenactment():
    back = {"frames": 100, "average_pixel_distance": 20.0, "average_pixel_distance_interval": [18.0, 22.5]}
    own = {"frames": 100, "average_pixel_distance": 15.25, "masked_average_pixel_distance": 21.0, "fid": 0.5}
    copied = {"frames": 100, "average_pixel_distance": 36.0}
    selves = {("ann", "ours"): own, ("ann", "nearest_frame"): copied, ("bea", "ours"): own}
    rows = cycle_table.rows({("ann", "cyd", "ours"): back}, selves)
    assert rows[["partner", "experiment"]].to_numpy().tolist() == [["cyd", "ours"], ["", "ours"], ["", "nearest_frame"]]
    nested = cycle_table.scores(rows)["ann"]
    assert nested["ours, by way of cyd"]["average_pixel_distance"] == 20
    assert nested["nearest_frame"]["average_pixel_distance"] == 36
    paper = cycle_table.published({"h2h": {"cycle_reenactment_average_pixel_distance": 9.3}})
    text = cycle_table.markdown(rows, {"ours": "ours", "nearest_frame": "nearest frame"}, paper)
    assert "| ann | ann → cyd → ann | ours | 100 | 20.00 (18.00 to 22.50) | – |" in text
    assert "| ann | self-reenactment | ours | 100 | 15.25 | 21.00 |" in text and text.rstrip().endswith("frames): 9.3.")
