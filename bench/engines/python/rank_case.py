"""The files of a rank case (bench/cases/rank-files.ts) and what its words say."""

import numpy


class RankCase:
    def __init__(self, case):
        words = case.words
        self.operation = words["operation"]
        self.n, self.k, self.kept = case.n, case.k, int(words["kept"])
        self._read = case._read

    def weights(self):
        return self._read("weights.f32", numpy.float32)

    def magnitudes(self):
        return self._read("magnitudes.f32", numpy.float32)

    def mask(self):
        return self._read("mask.u8", numpy.uint8)


class Way:
    """Keeps the last result of a call, for the comparison; run() is timed."""

    def __init__(self, call, result, facts):
        self.call, self.result, self._facts = call, result, facts

    def run(self):
        self.last = self.call()

    def output(self):
        return self.result(self.last)

    def facts(self):
        return self._facts


def as_words(mask):
    """Bytes of a mask as float32 words, padded with zeros"""
    data = numpy.asarray(mask, dtype=numpy.uint8)
    return numpy.pad(data, (0, -len(data) % 4)).view(numpy.float32)


def csr_numbers(values, columns):
    return numpy.concatenate([values, columns.astype(numpy.float32)])
