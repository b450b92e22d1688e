"""make_keras2.py FOLDER: models of Keras 2 with what they predict, as FOLDER/keras2-NAME/model.h5; then convert.py."""
import os
import sys

import tensorflow as tf
import tf_keras
from keras_models import layers, nested, run, sequence


def functions(K):
    """What Keras 2 writes for arithmetic and for functions of TensorFlow."""
    x = K.Input((4, 6), name="x")
    y = K.layers.Dense(6, name="dense")(x)
    a = 3 - (x + y)
    a = tf.nn.relu6(a * 2.0 / 4 + 3) / 6
    turned = tf.transpose(tf.reshape(a, [-1, 2, 12]), [0, 2, 1])
    wide = tf.concat([a, y], axis=-1)
    first = wide[:, 0]
    outputs = [tf.reduce_mean(turned, axis=1, keepdims=True), wide[:, 1:3, ::2], first, wide[..., 2], wide[:, tf.newaxis, -1]]
    outputs += [tf.matmul(x, y, transpose_b=True), tf.clip_by_value(x, 0.0, 1.0), tf.squeeze(tf.expand_dims(first, 1), [1])]
    outputs += [tf.nn.softmax(first), tf.math.sigmoid(x) ** 2, tf.stack([x, y], axis=1), -tf.abs(x), tf.math.l2_normalize(x, axis=-1)]
    outputs += [tf.nn.gelu(x), tf.nn.leaky_relu(x, 0.1), tf.nn.silu(x), tf.maximum(x, 0.5), tf.add_n([x, y]), tf.reduce_sum(x, axis=-1)]
    outputs += [x - [[0.5, 1, 1.5, 2, 2.5, 3]] * 4, x * y, tf.exp(y), tf.cast(x > 0, "float32")]
    return K.Model(x, outputs[:-1], name="functions")


for index, make in enumerate([nested, layers, sequence, functions]):
    words = 11 if make is sequence else 0
    run(tf_keras, make, os.path.join(sys.argv[1], f"keras2-{make.__name__}"), [".h5"], index, words)
