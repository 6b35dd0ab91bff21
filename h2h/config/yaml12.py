"""PyYAML's safe loader with YAML 1.2 floats: `1e-4` is a number, as it is for DVC."""

from __future__ import annotations

import re

import yaml


class Loader(yaml.SafeLoader):
    """Safe loader; adds the float forms that YAML 1.1 misses."""


Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+$"),
    list("-+0123456789."),
)
