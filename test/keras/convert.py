"""convert.py FROM TO: every model that make_keras2.py and make_keras3.py left in FROM, by TF.js's converter, as TO/NAME[-h5]."""
import glob
import os
import shutil
import sys
import types

# The converter imports these for model formats that do not occur here.
for name in ("tensorflow_decision_forests", "tensorflow_hub", "jax", "jax.experimental", "jax.experimental.jax2tf"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["jax.experimental"].jax2tf = sys.modules["jax.experimental.jax2tf"]

from tensorflowjs.converters import converter

source, target = sys.argv[1:]
for folder in sorted(glob.glob(os.path.join(source, "*"))):
    for file in glob.glob(os.path.join(folder, "model.*")):
        suffix = os.path.splitext(file)[1]
        out = os.path.join(target, os.path.basename(folder) + ("-h5" if suffix == ".h5" and "keras3" in folder else ""))
        shutil.rmtree(out, ignore_errors=True)
        if suffix == ".keras":
            converter.dispatch_keras_keras_to_tfjs_layers_model_conversion(file, out)
        elif suffix == ".h5":
            converter.dispatch_keras_h5_to_tfjs_layers_model_conversion(file, out)
        shutil.copy(os.path.join(folder, "expected.json"), out)
