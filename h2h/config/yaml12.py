"""PyYAML's safe loader with YAML 1.2 floats: `1e-4` is a number, as it is for DVC."""

from __future__ import annotations

import re

import yaml

MOST_PAIRS = 10_000  # of a mapping with what it merges in: merges of merges grow without end


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # written in C, where PyYAML has been built with it
    """Safe loader; adds the float forms that YAML 1.1 misses."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Lay merged mappings (`<<`) out.

        Raises:
            ConstructorError: there are more than `MOST_PAIRS`.
        """
        super().flatten_mapping(node)
        if len(node.value) > MOST_PAIRS:
            raise yaml.constructor.ConstructorError(None, None, "it merges too many mappings", node.start_mark)


Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+$"),
    list("-+0123456789."),
)
