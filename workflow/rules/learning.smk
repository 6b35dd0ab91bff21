# Multi-person initialisation, few-shot fine-tuning, synthesis and scores: one job a method and fold or target.


rule pretrain:
    input:
        lambda w: cards("cache", CAST.initialise[w.fold]),
    output:
        **made("pretrain", "{method}.{fold}"),
    params:
        **stale_if("pretrain"),
        caches=lambda w: [f"--caches={PATHS.artifact('cache', name)}" for name in CAST.initialise[w.fold]],
    log:
        "logs/pretrain/{method}.{fold}.log",
    threads: workflow.cores or 1
    resources:
        mem_mb=8000,
    shell:
        "{H2H} pretrain --name {wildcards.method}.{wildcards.fold} {params.caches:q} --method {wildcards.method}"
        " --output {output.data:q} --cfg {params.cfg:q} --log {log:q}"


rule finetune:
    input:
        unpack(use("cache", name="target")),
        pretrain=lambda w: card("pretrain", f"{w.method}.{CAST.fold_of[w.target]}"),
    output:
        **made("finetune", "{method}.{target}"),
    params:
        **stale_if("finetune"),
        pretrained=lambda w: PATHS.artifact("pretrain", f"{w.method}.{CAST.fold_of[w.target]}"),
    log:
        "logs/finetune/{method}.{target}.log",
    threads: workflow.cores or 1
    resources:
        mem_mb=8000,
    shell:
        "{H2H} finetune --name {wildcards.method}.{wildcards.target} --cache {WORK:q}/cache/{wildcards.target}.h5"
        " --pretrained {params.pretrained:q} --method {wildcards.method} --output {output.data:q}"
        " --cfg {params.cfg:q} --log {log:q}"


rule synthesize:
    input:
        unpack(use("cache", name="target")),
        source=lambda w: card("cache", w.source),
        checkpoint=lambda w: cards("finetune", network_of(w)),
        head_model=card("head_model", "head_model"),
    output:
        **made("synthesize", "{method}.{target}.{source}"),
        # `touch` because a rejected person has no video; the file then is empty
        video=touch(f"{WORK}/synthesize/{{method}}.{{target}}.{{source}}.mp4"),
    params:
        **stale_if("synthesize"),
        checkpoint=lambda w: [f"--checkpoint={PATHS.artifact('finetune', name)}" for name in network_of(w)],
    log:
        "logs/synthesize/{method}.{target}.{source}.log",
    threads: workflow.cores or 1
    resources:
        mem_mb=4000,
    shell:
        "{H2H} synthesize --name {wildcards.method}.{wildcards.target}.{wildcards.source}"
        " --cache {WORK:q}/cache/{wildcards.target}.h5 --source {WORK:q}/cache/{wildcards.source}.h5"
        " {params.checkpoint:q} --head-model {HEAD_MODEL:q} --method {wildcards.method} --video {output.video:q}"
        " --output {output.data:q} --cfg {params.cfg:q} --log {log:q}"


rule evaluate:
    input:
        unpack(use("cache", name="target")),
        synthesized=lambda w: card("synthesize", f"{w.method}.{w.target}.{w.target}"),
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
        " --output {output.data:q} --cfg {params.cfg:q} --log {log:q}"


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
