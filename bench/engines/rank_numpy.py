"""Ranks with NumPy for the bench: reads weights once, then builds a mask for every byte on the request pipe.

usage: rank_numpy.py WEIGHTS KEPT MASK REQUESTS REPLIES
"""

import sys

import numpy

weights_file, kept, mask_file, requests, replies = sys.argv[1:]
weights = numpy.fromfile(weights_file, dtype=numpy.float32)
rank = weights.size - int(kept)


def mask():
    magnitudes = numpy.abs(weights)
    threshold = numpy.partition(magnitudes, rank)[rank]
    return magnitudes >= threshold


mask().tofile(mask_file)
with open(requests, "rb", buffering=0) as incoming, open(replies, "wb", buffering=0) as outgoing:
    outgoing.write(numpy.__version__.encode().ljust(16))
    while incoming.read(1):
        mask()
        outgoing.write(b"!")
