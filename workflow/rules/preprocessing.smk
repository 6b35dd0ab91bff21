# From a person's videos to the HDF5 file that training reads: one job a person and stage.


rule frames:
    output:
        **made("frames"),
    params:
        **stale_if("frames"),
        videos=lambda w: f"{layout.PEOPLE}/{known('person', w.name, CAST.people)}",
        content=lambda w: stale_if_person("frames", w.name)["content"],
    log:
        "logs/frames/{name}.log",
    resources:
        mem_mb=2000,
    shell:
        "{H2H} frames --name {wildcards.name} --videos {params.videos:q} --output {output.data:q}"
        " --cfg {params.cfg:q} --log {log:q}"


rule matting:
    input:
        unpack(use("frames")),
    output:
        **made("matting"),
    params:
        **stale_if("matting"),
    log:
        "logs/matting/{name}.log",
    resources:
        mem_mb=2000,
    shell:
        "{H2H} matting --name {wildcards.name} --frames {WORK:q}/frames/{wildcards.name}.h5 --output {output.data:q}"
        " --cfg {params.cfg:q} --log {log:q}"


rule landmarks:
    input:
        unpack(use("frames")),
    output:
        **made("landmarks"),
    params:
        **stale_if("landmarks"),
    log:
        "logs/landmarks/{name}.log",
    resources:
        mem_mb=2000,
    shell:
        "{H2H} landmarks --name {wildcards.name} --frames {WORK:q}/frames/{wildcards.name}.h5 --output {output.data:q}"
        " --cfg {params.cfg:q} --log {log:q}"


rule head_model:
    output:
        **made("head_model", "head_model"),
    params:
        **stale_if("head_model"),
        content=stale_if_person("head_model", "head_model")["content"],
    log:
        "logs/head_model/head_model.log",
    resources:
        mem_mb=3000,
    shell:
        "{H2H} head_model --name head_model --output {output.data:q} --cfg {params.cfg:q} --log {log:q}"


rule tracking:
    input:
        unpack(use("landmarks", "frames")),
        head_model=card("head_model", "head_model"),
    output:
        **made("tracking"),
    params:
        **stale_if("tracking"),
    log:
        "logs/tracking/{name}.log",
    resources:
        mem_mb=3000,
    shell:
        "{H2H} tracking --name {wildcards.name} --landmarks {WORK:q}/landmarks/{wildcards.name}.h5 --frames {WORK:q}/frames/{wildcards.name}.h5"
        " --head-model {HEAD_MODEL:q} --output {output.data:q} --cfg {params.cfg:q} --log {log:q}"


rule nmfc:
    input:
        unpack(use("tracking")),
        head_model=card("head_model", "head_model"),
    output:
        **made("nmfc"),
    params:
        **stale_if("nmfc"),
    log:
        "logs/nmfc/{name}.log",
    resources:
        mem_mb=2000,
    shell:
        "{H2H} nmfc --name {wildcards.name} --tracking {WORK:q}/tracking/{wildcards.name}.h5 --head-model {HEAD_MODEL:q}"
        " --output {output.data:q} --cfg {params.cfg:q} --log {log:q}"


rule cache:
    input:
        unpack(use("frames", "matting", "landmarks", "tracking", "nmfc", "flow")),
    output:
        **made("cache"),
    params:
        **stale_if("cache"),
        role=lambda w: stale_if_person("cache", known("person", w.name, CAST.people))["role"],
    log:
        "logs/cache/{name}.log",
    resources:
        mem_mb=2000,
    shell:
        "{H2H} cache --name {wildcards.name} --frames {WORK:q}/frames/{wildcards.name}.h5 --matting {WORK:q}/matting/{wildcards.name}.h5"
        " --landmarks {WORK:q}/landmarks/{wildcards.name}.h5 --tracking {WORK:q}/tracking/{wildcards.name}.h5 --nmfc {WORK:q}/nmfc/{wildcards.name}.h5"
        " --flow {WORK:q}/flow/{wildcards.name}.h5 --role {params.role} --output {output.data:q} --cfg {params.cfg:q} --log {log:q}"


rule stage_frames:
    input:
        artifacts("frames"),


rule stage_matting:
    input:
        artifacts("matting"),


rule stage_landmarks:
    input:
        artifacts("landmarks"),


rule stage_head_model:
    input:
        artifacts("head_model"),


rule stage_tracking:
    input:
        artifacts("tracking"),


rule stage_nmfc:
    input:
        artifacts("nmfc"),


rule stage_cache:
    input:
        artifacts("cache"),
