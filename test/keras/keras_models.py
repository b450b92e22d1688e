"""The models of the exports, for Keras 2 (tf_keras) and Keras 3 alike, and how each is written with what it predicts."""
import json
import os

import numpy as np


def nested(K):
    """Models in models, called twice; an output inside, one that is an input, one that is listed twice."""
    picture = K.Input((6, 6, 2), name="picture")
    door = K.Input((6, 6, 2), name="door")
    h = K.layers.Conv2D(3, 3, padding="same", name="conv_a")(door)
    h = K.layers.BatchNormalization(name="norm", scale=False)(h)
    encoder = K.Model(door, h, name="encoder")
    tail = K.Sequential([K.Input((6, 6, 3)), K.layers.Conv2D(2, 1, activation="relu", name="conv_b"), K.layers.PReLU(name="leak")], name="tail")
    x = tail(encoder(tail(encoder(picture))))
    flat = K.layers.Flatten(name="flat")(x)
    hello = K.layers.Dense(4, name="hello")(flat)
    scores = K.layers.Dense(3, name="scores", activation="softmax")(hello)
    return K.Model(picture, [scores, hello, picture, hello], name="outer")


def layers(K):
    """A layer of each kind whose weights have names or an order of their own."""
    picture = K.Input((8, 8, 3), name="picture")
    normal = K.layers.Normalization(name="normal")
    normal.adapt(np.random.default_rng(5).normal(3, 2, (32, 8, 8, 3)).astype("float32"))
    x = normal(K.layers.Rescaling(0.5, 1.0, name="scaled")(picture))
    x = K.layers.Normalization(axis=None, mean=0.5, variance=4.0, name="one_mean")(x)
    x = K.layers.Normalization(axis=-1, mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 3.0], name="given")(x)
    x = K.layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", name="deep")(x)
    x = K.layers.SeparableConv2D(4, 3, activation="hard_sigmoid", name="apart")(x)
    x = K.layers.LayerNormalization(name="layer_norm", center=False)(x)
    x = K.layers.Conv2DTranspose(2, 3, strides=2, padding="same", name="up", use_bias=False)(x)
    x = K.layers.Reshape((144, 2), name="steps")(x)
    x = K.layers.Conv1D(4, 3, strides=2, activation="relu", name="along")(x)
    x = K.layers.GlobalAveragePooling1D(name="pool")(x)
    return K.Model(picture, K.layers.Dense(3, activation="softmax", name="scores")(x), name="layers")


def sequence(K):
    """Recurrent layers, with states given, in both directions and stacked; layers at every time step."""
    words = K.Input((7,), dtype="int32", name="words")
    x = K.layers.Embedding(11, 5, name="table")(words)
    both = K.layers.Bidirectional(K.layers.LSTM(4, return_sequences=True, name="reader"), name="both")(x)
    state = K.layers.Dense(3, name="state", activation="tanh")(K.layers.Flatten(name="flat")(x))
    last, end = K.layers.GRU(3, return_state=True, name="gru")(both, initial_state=state)
    each = K.layers.TimeDistributed(K.layers.Dense(2, name="each"), name="everywhere")(both)
    stacked = K.layers.RNN([K.layers.LSTMCell(3), K.layers.GRUCell(2)], name="stacked")(each)
    plain = K.layers.SimpleRNN(2, name="plain", use_bias=False)(each)
    return K.Model(words, [last, end, stacked, plain, each], name="sequence")


def run(K, make, folder, formats, seed, words=0):
    """Saves a model with random weights in each format, and inputs with what Keras predicts for them."""
    random = np.random.default_rng(seed)
    model = make(K)
    for layer in model.layers:
        if layer.__class__.__name__ != "Normalization":
            layer.set_weights([random.normal(0, 0.4, w.shape).astype("float32") ** (2 if "variance" in w.name else 1) for w in layer.weights])
    os.makedirs(folder, exist_ok=True)
    inputs = [
        random.integers(0, words, (2, *x.shape[1:])).astype("int32") if words else random.normal(0, 1, (2, *x.shape[1:])).astype("float32")
        for x in model.inputs
    ]
    outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    values = lambda arrays: [{"shape": list(a.shape), "values": [float(np.float32(v)) if a.dtype != "int32" else int(v) for v in a.flat]} for a in arrays]
    with open(os.path.join(folder, "expected.json"), "w") as file:
        json.dump({"inputs": values(inputs), "outputs": values(outputs)}, file)
    for suffix in formats:
        model.save(os.path.join(folder, f"model{suffix}"))
