"""ONNX Runtime from Python, input and output bound once."""

import numpy
import onnxruntime
from case import Prepared


def prepare(case):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = case.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(case.model(), options, providers=["CPUExecutionProvider"])
    x = onnxruntime.OrtValue.ortvalue_from_numpy(case.x())
    y = onnxruntime.OrtValue.ortvalue_from_numpy(numpy.zeros((case.m, case.n), dtype=numpy.float32))
    binding = session.io_binding()
    binding.bind_ortvalue_input("x", x)
    binding.bind_ortvalue_output("y", y)
    # What run_with_iobinding calls, without its wrapper.
    native, bound = session._sess, binding._iobinding
    facts = {"version": onnxruntime.__version__, "binding": "run_with_iobinding"}
    prepared = Prepared(lambda: native.run_with_iobinding(bound, None), y.numpy, facts)
    prepared.keep = (session, binding, x)
    return prepared
