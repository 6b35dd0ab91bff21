from h2h.stages.costs import minutes, training_cost


def test_minutes_come_from_the_last_complete_run(tmp_path):
    (tmp_path / "finetune").mkdir()
    log = tmp_path / "finetune" / "ours.ann.log"
    log.write_text("INFO finetune ours.ann: done in 60.0 s\nsomething\nINFO finetune ours.ann: done in 246.0 s\n")
    assert minutes("finetune", "ours.ann", tmp_path) == 4.1
    assert minutes("finetune", "nobody", tmp_path) is None
    assert training_cost(["pretrain/ours.default", "finetune/ours.ann"], tmp_path) == "? + 4"
    assert training_cost([], tmp_path) == ""


def test_an_unfinished_run_has_no_cost(tmp_path):
    (tmp_path / "pretrain").mkdir()
    (tmp_path / "pretrain" / "x.log").write_text("INFO started\n")
    assert minutes("pretrain", "x", tmp_path) is None
