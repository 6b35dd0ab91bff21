"""Which runtimes a machine has."""

import pytest

from h2h.person import speed


@pytest.mark.parametrize(
    ("flags", "there"),
    [
        ({"avx2", "avx512f", "avx512bw"}, False),  # 8-bit products are summed in 16 bits here: they overflow
        ({"avx2", "avx_vnni"}, True),
        ({"avx512f", "avx512_vnni"}, True),
        ({"amx_int8"}, True),
        (set(), False),
    ],
)
def test_8_bits_only_with_instructions_for_them(monkeypatch, flags, there):
    monkeypatch.setattr(speed, "processor_flags", lambda: flags)
    speed.available.cache_clear()
    try:
        assert ("openvino-int8" in speed.available()) == there
        assert speed.choose(["openvino-int8", "onnxruntime-f32"]) == ("openvino-int8" if there else "onnxruntime-f32")
    finally:
        speed.available.cache_clear()
