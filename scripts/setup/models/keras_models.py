"""keras_models.py NETWORK FOLDER: a network of keras.applications as FOLDER/layers and FOLDER/graph, by TF.js's converter."""
import os
import shutil
import sys
import types

# The converter imports these for model formats that do not occur here.
for name in ("tensorflow_decision_forests", "tensorflow_hub", "jax", "jax.experimental", "jax.experimental.jax2tf"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["jax.experimental"].jax2tf = sys.modules["jax.experimental.jax2tf"]

import numpy as np
import tensorflow as tf
import tensorflowjs
import tf_keras

network, folder = sys.argv[1:]
tf_keras.utils.set_random_seed(20200607)
random = np.random.default_rng(20200607)
size = (224, 224)
model = getattr(tf_keras.applications, network)(weights=None, input_shape=(*size, 3))

# Scales and shifts as after training; then moving statistics that fit the weights, or the signal would die or explode
# on its way through a hundred layers: a momentum of 0 takes those of one batch.
momenta = {}
for layer in model.layers:
    if isinstance(layer, tf_keras.layers.BatchNormalization):
        momenta[layer] = layer.momentum
        layer.momentum = 0.0
        layer.gamma.assign(random.uniform(0.6, 1.4, layer.gamma.shape))
        layer.beta.assign(random.uniform(-0.3, 0.3, layer.beta.shape))
low = random.uniform(0, 255, (8, 14, 14, 3)).astype("float32")
model(tf.image.resize(low, size), training=True)
for layer, momentum in momenta.items():
    layer.momentum = momentum
# Random features hardly differ from image to image: a larger last kernel makes classes that do.
last = model.layers[-1]
if isinstance(last, tf_keras.layers.Dense):
    last.kernel.assign(last.kernel * 8)

tensorflowjs.converters.save_keras_model(model, os.path.join(folder, "layers"))
saved = os.path.join(folder, "saved")
tf.saved_model.save(model, saved)
tensorflowjs.converters.convert_tf_saved_model(saved, os.path.join(folder, "graph"))
shutil.rmtree(saved)
