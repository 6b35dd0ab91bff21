# Optical flow of each person's frames: work/flow/NAME.h5 as params.yaml has it, EXPERIMENT.NAME.h5 as an experiment
# changes it. With `flow.method: flownet2` the networks for it are trained before, once for everybody: on moving shapes,
# then (`flow.network: facial`) on the faces of 4D scans.


rule flow_data:
    input:
        frames=lambda w: cards("frames", behind()),
        matting=lambda w: cards("matting", behind()),
        head_model=card("head_model", "head_model"),
    output:
        **made("flow_data", "flow_data"),
    params:
        **stale_if("flow_data"),
        content=lambda w: stale_if_person("flow_data", "flow_data")["content"],
        people=[f"--{stage}={PATHS.artifact(stage, name)}" for name in behind() for stage in ("frames", "matting")],
    log:
        "logs/flow_data/flow_data.log",
    resources:
        mem_mb=2000,
    shell:
        "{H2H} flow_data --name flow_data {params.people:q} --head-model {HEAD_MODEL:q} --output {output.data:q}"
        " --cfg {params.cfg:q} --log {log:q}"


rule flow_pretrain:
    output:
        **made("flow_pretrain", layout.FLOW_NETWORK),
    params:
        **stale_if("flow_pretrain"),
    log:
        "logs/flow_pretrain/flownet2.log",
    threads: ALL_CORES
    resources:
        mem_mb=3000,
    shell:
        "{H2H} flow_pretrain --name {layout.FLOW_NETWORK} --output {output.data:q} --cfg {params.cfg:q} --log {log:q}"


rule flow_finetune:
    input:
        data=card("flow_data", "flow_data"),
        network=card("flow_pretrain", layout.FLOW_NETWORK),
    output:
        **made("flow_finetune", layout.FLOW_NETWORK),
    params:
        **stale_if("flow_finetune"),
        data=PATHS.artifact("flow_data", "flow_data"),
        network=PATHS.artifact("flow_pretrain", layout.FLOW_NETWORK),
    log:
        "logs/flow_finetune/flownet2.log",
    threads: ALL_CORES
    resources:
        mem_mb=3000,
    shell:
        "{H2H} flow_finetune --name {layout.FLOW_NETWORK} --data {params.data:q} --network {params.network:q}"
        " --output {output.data:q} --cfg {params.cfg:q} --log {log:q}"


rule flow:
    input:
        frames=lambda w: card("frames", w.flow.split(".")[-1]),
        network=lambda w: [card(*network) for network in flow_network(w.flow)],
    output:
        **made("flow", "{flow}"),
    params:
        cfg=lambda w: flow_stale_if(w.flow)["cfg"],
        code=stale_if("flow")["code"],
        frames=lambda w: PATHS.artifact("frames", w.flow.split(".")[-1]),
        network=lambda w: [f"--network={PATHS.artifact(*network)}" for network in flow_network(w.flow)],
    log:
        "logs/flow/{flow}.log",
    wildcard_constraints:
        flow=r"(?:(?:{})\.)?[A-Za-z0-9][A-Za-z0-9_-]*".format("|".join(PARAMS.experiments)),
    resources:
        mem_mb=2000,
    shell:
        "{H2H} flow --name {wildcards.flow} --frames {params.frames:q} {params.network:q} --output {output.data:q}"
        " --cfg {params.cfg:q} --log {log:q}"


rule stage_flow_data:
    input:
        artifacts("flow_data"),


rule stage_flow_pretrain:
    input:
        artifacts("flow_pretrain"),


rule stage_flow_finetune:
    input:
        artifacts("flow_finetune"),


rule stage_flow:
    input:
        artifacts("flow"),
