# SPDX-License-Identifier: Apache-2.0
"""Numbers that tests make again in C: tests/support/golden_input.h."""
import numpy as np


def uniform(seed, stream, n):
    """SplitMix64 at counters 1..n, top 53 bits."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) * np.uint64(0xD1342543DE82EF95) + np.uint64(stream) * np.uint64(0xAF251AF3B0F025B5)
        z = z + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53
