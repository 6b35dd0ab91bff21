"""PyYAML's safe loader as DVC reads YAML 1.2: `1e-4` is a number, and no key is given twice."""

from __future__ import annotations

import re

import yaml

MERGE = "tag:yaml.org,2002:merge"
MOST_PAIRS = 10_000  # of a mapping with what it merges in: merges of merges grow without end


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # written in C, where PyYAML has been built with it
    """Safe loader; adds the float forms that YAML 1.1 misses, and refuses repeated keys."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Lay merged mappings (`<<`) out.

        Raises:
            ConstructorError: there are more than `MOST_PAIRS`, or the mapping itself has a key twice.
        """
        if not getattr(node, "is_flat", False):  # before what it merges in, which it may well override
            node.is_flat = True
            _refuse_repeated(node)
        super().flatten_mapping(node)
        if len(node.value) > MOST_PAIRS:
            raise yaml.constructor.ConstructorError(None, None, "it merges too many mappings", node.start_mark)


def _refuse_repeated(node: yaml.MappingNode) -> None:
    seen: set[tuple[str, str]] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != MERGE:
            if (key.tag, key.value) in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} is there twice", key.start_mark)
            seen.add((key.tag, key.value))


Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+$"),
    list("-+0123456789."),
)
