# Multi-person initialisation, few-shot fine-tuning, synthesis and scores: one job an experiment and fold or target.
# The wildcard `method` names an entry of `experiments` in params.yaml.


rule pretrain:
    input:
        lambda w: cards("cache", trained_on(w.method, w.fold)),
        lambda w: cards("flow", flows_of(w.method, trained_on(w.method, w.fold))),
        head_model=card("head_model", "head_model"),
    output:
        **made("pretrain", "{method}.{fold}"),
    params:
        **stale_if_experiment("pretrain"),
        caches=lambda w: [f"--caches={PATHS.artifact('cache', name)}" for name in trained_on(w.method, w.fold)],
        flows=lambda w: [
            f"--flows={PATHS.artifact('flow', name)}" for name in flows_of(w.method, trained_on(w.method, w.fold))
        ],
    log:
        "logs/pretrain/{method}.{fold}.log",
    threads: ALL_CORES
    resources:
        mem_mb=8000,
    shell:
        "{H2H} pretrain --name {wildcards.method}.{wildcards.fold} {params.caches:q} {params.flows:q} --head-model {HEAD_MODEL:q}"
        " --method {params.base} --output {output.data:q} --cfg {params.cfg:q} --log {log:q}"


rule finetune:
    input:
        unpack(use("cache", name="target")),
        pretrain=lambda w: cards("pretrain", start_of(w.method, w.target)),
        flow=lambda w: cards("flow", flows_of(w.method, [w.target])),
    output:
        **made("finetune", "{method}.{target}"),
    params:
        **stale_if_experiment("finetune"),
        pretrained=lambda w: [f"--pretrained={PATHS.artifact('pretrain', n)}" for n in start_of(w.method, w.target)],
        flow=lambda w: [f"--flow={PATHS.artifact('flow', name)}" for name in flows_of(w.method, [w.target])],
    log:
        "logs/finetune/{method}.{target}.log",
    threads: ALL_CORES
    resources:
        mem_mb=8000,
    shell:
        "{H2H} finetune --name {wildcards.method}.{wildcards.target} --cache {WORK:q}/cache/{wildcards.target}.h5"
        " {params.pretrained:q} {params.flow:q} --method {params.base} --output {output.data:q}"
        " --cfg {params.cfg:q} --log {log:q}"


rule synthesize:
    input:
        unpack(use("cache", name="target")),
        source=lambda w: card("cache", w.source),
        checkpoint=lambda w: [card(*network) for network in network_of(w)],
        head_model=card("head_model", "head_model"),
    output:
        **made("synthesize", "{method}.{target}.{source}"),
        # `touch` because a rejected person has no video; the file then is empty
        video=touch(f"{WORK}/synthesize/{{method}}.{{target}}.{{source}}.mp4"),
    params:
        **stale_if_experiment("synthesize"),
        said=lambda w: said_of(w.target),
        checkpoint=lambda w: [f"--checkpoint={PATHS.artifact(*network)}" for network in network_of(w)],
    log:
        "logs/synthesize/{method}.{target}.{source}.log",
    threads: ALL_CORES
    resources:
        mem_mb=4000,
    shell:
        "{H2H} synthesize --name {wildcards.method}.{wildcards.target}.{wildcards.source}"
        " --cache {WORK:q}/cache/{wildcards.target}.h5 --source {WORK:q}/cache/{wildcards.source}.h5"
        " {params.checkpoint:q} --head-model {HEAD_MODEL:q} --method {params.base} --video {output.video:q}"
        " --output {output.data:q} --cfg {params.cfg:q} --log {log:q}"


rule evaluate:
    input:
        unpack(use("cache", name="target")),
        synthesized=lambda w: card("synthesize", f"{w.method}.{w.target}.{w.target}"),
        head_model=card("head_model", "head_model"),
    output:
        **made("evaluate", "{method}.{target}"),
    params:
        **stale_if("evaluate"),
    log:
        "logs/evaluate/{method}.{target}.log",
    resources:
        mem_mb=3000,
    shell:
        "{H2H} evaluate --name {wildcards.method}.{wildcards.target} --cache {WORK:q}/cache/{wildcards.target}.h5"
        " --synthesized {WORK:q}/synthesize/{wildcards.method}.{wildcards.target}.{wildcards.target}.h5"
        " --head-model {HEAD_MODEL:q} --output {output.data:q} --cfg {params.cfg:q} --log {log:q}"


rule transfers:
    input:
        unpack(use("cache", name="target")),
        source=lambda w: card("cache", w.source),
        synthesized=lambda w: card("synthesize", f"{w.method}.{w.target}.{w.source}"),
        head_model=card("head_model", "head_model"),
    output:
        **made("transfers", "{method}.{target}.{source}"),
    params:
        **stale_if("transfers"),
    log:
        "logs/transfers/{method}.{target}.{source}.log",
    resources:
        mem_mb=3000,
    shell:
        "{H2H} transfers --name {wildcards.method}.{wildcards.target}.{wildcards.source}"
        " --cache {WORK:q}/cache/{wildcards.target}.h5 --source {WORK:q}/cache/{wildcards.source}.h5"
        " --synthesized {WORK:q}/synthesize/{wildcards.method}.{wildcards.target}.{wildcards.source}.h5"
        " --head-model {HEAD_MODEL:q} --output {output.data:q} --cfg {params.cfg:q} --log {log:q}"


rule round_trip:
    input:
        lambda w: cards("cache", [w.x, w.y]) + cards("finetune", [f"{w.method}.{w.x}", f"{w.method}.{w.y}"]),
        head_model=card("head_model", "head_model"),
    output:
        **made("round_trip", "{method}.{x}.{y}"),
    params:
        **stale_if_experiment("round_trip"),
    wildcard_constraints:
        x=r"[A-Za-z0-9][A-Za-z0-9_-]*",
        y=r"[A-Za-z0-9][A-Za-z0-9_-]*",
    log:
        "logs/round_trip/{method}.{x}.{y}.log",
    threads: ALL_CORES
    resources:
        mem_mb=4000,
    shell:
        "{H2H} round_trip --name {wildcards.method}.{wildcards.x}.{wildcards.y} --cache {WORK:q}/cache/{wildcards.x}.h5"
        " --other {WORK:q}/cache/{wildcards.y}.h5 --checkpoint {WORK:q}/finetune/{wildcards.method}.{wildcards.x}.safetensors"
        " --other-checkpoint {WORK:q}/finetune/{wildcards.method}.{wildcards.y}.safetensors --head-model {HEAD_MODEL:q}"
        " --method {params.base} --output {output.data:q} --cfg {params.cfg:q} --log {log:q}"


rule detector:
    input:
        cards("cache", CAST.people),
        lambda w: cards("synthesize", judged(w.table)),
    output:
        **made("detector", "{table}"),
    params:
        **stale_if("detector"),
        methods=lambda w: methods_of(w.table)["methods"],
        shown=lambda w: [f"--caches={PATHS.artifact('cache', name)}" for name in CAST.people]
        + [f"--synthesized={PATHS.artifact('synthesize', name)}" for name in judged(w.table)],
    log:
        "logs/detector/{table}.log",
    resources:
        mem_mb=3000,
    shell:
        "{H2H} detector --name {wildcards.table} {params.shown:q} --output {output.data:q} --cfg {params.cfg:q} --log {log:q}"


rule stage_pretrain:
    input:
        artifacts("pretrain"),


rule stage_finetune:
    input:
        artifacts("finetune"),


rule stage_synthesize:
    input:
        artifacts("synthesize"),


rule stage_evaluate:
    input:
        artifacts("evaluate"),


rule stage_transfers:
    input:
        artifacts("transfers"),


rule stage_detector:
    input:
        artifacts("detector"),


rule stage_round_trip:
    input:
        artifacts("round_trip"),
