"""make_keras3.py FOLDER: models of Keras 3 with what they predict, as FOLDER/keras3-NAME/model.{keras,h5}; then convert.py."""
import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
import keras
from keras import ops
from keras_models import layers, nested, run, sequence


def operations(K):
    """What Keras 3 writes for arithmetic and for functions of keras.ops."""
    x = K.Input((4, 6), name="x")
    y = K.layers.Dense(6, name="dense")(x)
    a = 3 - (x + y)
    a = ops.relu6(a * 2.0 / 4 + 3) / 6
    mean = ops.mean(ops.transpose(ops.reshape(a, [-1, 2, 12]), [0, 2, 1]), axis=1, keepdims=True)
    wide = ops.concatenate([a, y], axis=-1)
    first = wide[:, 0]
    outputs = [mean, wide[:, 1:3, ::2], first, wide[..., 2], ops.matmul(x, ops.transpose(y, [0, 2, 1])), ops.clip(x, 0.0, 1.0)]
    outputs += [ops.sigmoid(x) ** 2, ops.softmax(first), -ops.abs(x), ops.gelu(x), ops.leaky_relu(x, 0.1), ops.stack([x, y], axis=1)]
    outputs += [ops.expand_dims(first, 1), ops.maximum(x, 0.5), ops.square(x), ops.exp(y), ops.silu(x), ops.sum(x, axis=-1)]
    return K.Model(x, outputs, name="operations")


for index, make in enumerate([nested, layers, sequence, operations]):
    words = 11 if make is sequence else 0
    run(keras, make, os.path.join(sys.argv[1], f"keras3-{make.__name__}"), [".keras", ".h5"], index, words)
