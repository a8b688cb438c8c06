#!/usr/bin/env python3
"""Writes the networks' weights in the forms that the engines load, from the PyPI package mtcnn 1.0.0 (MIT).

    pip install mtcnn==1.0.0 tensorflow-cpu==2.21.0 joblib lz4 pillow && python models/build.py

Output, byte-identical at every run:
  models/mtcnn.bin, models/mtcnn.json          weights, little-endian float32, with a manifest (WASM engine)
  models/{pnet,rnet,onet}/saved_model.pb       one frozen SavedModel a network (native engine)
  test/golden/networks.bin, networks.json      fixed inputs and what the published Python networks answer

Every network is rebuilt so that it ends in one tensor and needs one call:
  * the softmax over two classes becomes one logit, z_face - z_background: the columns of the last layer are
    subtracted once here, and confidence = 1 / (1 + exp(-logit));
  * offsets (4), logit (1) and, for O-Net, keypoints (10: x of five points, then y) leave side by side;
  * R-Net and O-Net swap height and width before they flatten: the swap moves into the rows of the dense weights;
  * in the SavedModels PReLU is max(y, a * y) where no slope a is above 1, else y + (a - 1) * min(y, 0): two or three
    passes instead of five. TensorFlow is slow where it repeats the few slopes of one pixel: repeated along a row first,
    P-Net takes 0.87 of the time (R-Net would take more).
"""
import hashlib
import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import joblib
import mtcnn
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "models"
GOLDEN = ROOT / "test" / "golden"
WEIGHTS = Path(mtcnn.__file__).parent / "assets" / "weights"
# sha256 of the three files as published in mtcnn 1.0.0
SOURCES = {
    "pnet.lz4": "ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5",
    "rnet.lz4": "cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee",
    "onet.lz4": "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3",
}


def load(name):
    """The published float32 arrays of one network, in Keras' order (HWIO filters), after a checksum."""
    path = WEIGHTS / name
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SOURCES[name]:
        sys.exit(f"{name}: expected sha256 {SOURCES[name]} (mtcnn 1.0.0), got {found}")
    return [np.asarray(a, np.float32) for a in joblib.load(path)]


def logit(two_classes):
    """[..., 2] weights of (background, face) to [..., 1]: face - background."""
    return two_classes[..., 1:2] - two_classes[..., 0:1]


def fold_transpose(dense, height, width):
    """Rows in (width, height, channel) order, as published, to (height, width, channel) order."""
    rows, outputs = dense.shape
    channels = rows // (height * width)
    return dense.reshape(width, height, channels, outputs).transpose(1, 0, 2, 3).reshape(rows, outputs)


def head(*parts):
    """Last layers side by side: [(weights, bias), ...] to one (weights, bias)."""
    return (np.concatenate([w for w, _ in parts], -1), np.concatenate([b for _, b in parts], -1))


def rebuild():
    """{network: [(layer, {array name: array})]}, layers in the order of the forward pass."""
    p, r, o = load("pnet.lz4"), load("rnet.lz4"), load("onet.lz4")

    def convolutions(a, count):
        return [
            (f"conv{i + 1}", {"filter": a[3 * i], "bias": a[3 * i + 1], "slope": a[3 * i + 2].reshape(-1)})
            for i in range(count)
        ]

    def dense(a, at, name, height, width):
        return (name, {"weights": fold_transpose(a[at], height, width), "bias": a[at + 1], "slope": a[at + 2]})

    def last(weights_and_bias, key):
        return ("head", {key: weights_and_bias[0], "bias": weights_and_bias[1]})

    return {
        "pnet": convolutions(p, 3)
        + [last(head((p[9], p[10]), (logit(p[11]), logit(p[12]))), "filter")],
        "rnet": convolutions(r, 3)
        + [dense(r, 9, "dense", 3, 3)]
        + [last(head((r[12], r[13]), (logit(r[14]), logit(r[15]))), "weights")],
        "onet": convolutions(o, 4)
        + [dense(o, 12, "dense", 3, 3)]
        + [last(head((o[15], o[16]), (logit(o[19]), logit(o[20])), (o[17], o[18])), "weights")],
    }


def write_weights(networks):
    """All arrays one after the other in one file, and where each one lies."""
    manifest, blob = [], bytearray()
    for network, layers in networks.items():
        for layer, arrays in layers:
            for name, array in arrays.items():
                data = np.ascontiguousarray(array, "<f4").tobytes()
                manifest.append(
                    {"name": f"{network}/{layer}/{name}", "shape": list(array.shape), "offset": len(blob)}
                )
                blob += data
    (MODELS / "mtcnn.bin").write_bytes(blob)
    text = {"source": "PyPI mtcnn 1.0.0, MIT", "sources": SOURCES,
            "sha256": hashlib.sha256(blob).hexdigest(), "arrays": manifest}
    (MODELS / "mtcnn.json").write_text(json.dumps(text, indent=1) + "\n")


# Pooling after each convolution: (size, padding), stride 2; as in the published networks.
POOLING = {
    "pnet": {"conv1": (2, "SAME")},
    "rnet": {"conv1": (3, "SAME"), "conv2": (3, "VALID")},
    "onet": {"conv1": (3, "SAME"), "conv2": (3, "VALID"), "conv3": (2, "SAME")},
}
SIDE = {"pnet": None, "rnet": 24, "onet": 48}


def prelu(tf, x, slope):
    """PReLU; of P-Net's few channels and wide pictures a row at a time, the slopes repeated along it."""
    if len(x.shape) < 4 or x.shape[2] is not None:
        return bend(tf, x, lambda values: values, slope)
    shape = tf.shape(x)
    rows = tf.reshape(x, [shape[0] * shape[1], shape[2] * slope.shape[0]])
    return tf.reshape(bend(tf, rows, lambda values: tf.tile(values, [shape[2]]), slope), shape)


def bend(tf, x, along, slope):
    if slope.max() <= 1:
        return tf.maximum(x, along(slope) * x)
    return tf.add(x, along(slope - np.float32(1)) * tf.minimum(x, np.float32(0)))


def write_saved_model(tf, network, layers):
    """A frozen graph with one signature: `patches` [n, side, side, 3] to `output`."""
    from tensorflow.core.protobuf import saved_model_pb2
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, [None, SIDE[network], SIDE[network], 3], "patches")
        patches = x
        for layer, a in layers:
            if "filter" in a:
                x = tf.nn.bias_add(tf.nn.conv2d(x, a["filter"], 1, "VALID"), a["bias"], name=layer)
            else:
                if len(x.shape) == 4:
                    x = tf.reshape(x, [-1, a["weights"].shape[0]])
                x = tf.nn.bias_add(tf.matmul(x, a["weights"]), a["bias"], name=layer)
            if "slope" in a:
                x = prelu(tf, x, a["slope"])
            if layer in POOLING[network]:
                size, padding = POOLING[network][layer]
                x = tf.nn.max_pool2d(x, size, 2, padding)
        output = tf.identity(x, "output")
        info = tf.compat.v1.saved_model.build_tensor_info
        inputs, outputs = info(patches), info(output)
    model = saved_model_pb2.SavedModel()
    model.saved_model_schema_version = 1
    meta = model.meta_graphs.add()
    meta.meta_info_def.tags.append("serve")
    meta.meta_info_def.tensorflow_version = tf.__version__
    definition = graph.as_graph_def()
    for node in definition.node:
        # Shapes that Python inferred: the runtime infers them again.
        node.attr.pop("_output_shapes", None)
    meta.graph_def.CopyFrom(definition)
    signature = meta.signature_def["serving_default"]
    signature.method_name = "tensorflow/serving/predict"
    signature.inputs["patches"].CopyFrom(inputs)
    signature.outputs["output"].CopyFrom(outputs)
    folder = MODELS / network
    folder.mkdir(exist_ok=True)
    (folder / "saved_model.pb").write_bytes(model.SerializeToString(deterministic=True))


def golden_inputs():
    """Fixed 8-bit inputs: noise, and patches of a face (a public-domain photograph of NASA), so that both
    answers, face and background, are among the outputs."""
    from PIL import Image
    photo = Image.open(ROOT / "test" / "photos" / "astronaut.png").convert("RGB")
    box = (165, 55, 285, 205)
    noise = np.random.RandomState(20160411)

    def face(width, height, margin=0):
        left, top, right, bottom = box
        area = (left - margin, top - margin, right + margin, bottom + margin)
        return np.asarray(photo.crop(area).resize((width, height), Image.BOX))

    def random(*shape):
        return noise.randint(0, 256, shape, dtype=np.uint8)

    return {
        "pnet": np.stack([face(33, 29, 40), random(29, 33, 3)]),
        "rnet": np.stack([face(24, 24), face(24, 24, 25), random(24, 24, 3)]),
        "onet": np.stack([face(48, 48), face(48, 48, 25), random(48, 48, 3)]),
    }


def write_golden():
    """Inputs (uint8) and the published networks' answers (float32), with confidences instead of logits."""
    published = {stage.__class__.__name__[5:].lower(): stage._model for stage in mtcnn.MTCNN().stages}
    arrays, blob = [], bytearray()

    def add(name, array):
        nonlocal blob
        blob += b"\0" * (-len(blob) % 4)
        arrays.append({"name": name, "dtype": array.dtype.name, "shape": list(array.shape), "offset": len(blob)})
        blob += np.ascontiguousarray(array).tobytes()

    for network, pixels in golden_inputs().items():
        outputs = [np.asarray(t) for t in published[network]((pixels.astype(np.float32) - 127.5) / 128)]
        add(f"{network}/input", pixels)
        add(f"{network}/offsets", outputs[0].astype("<f4"))
        add(f"{network}/confidence", outputs[-1][..., 1].astype("<f4"))
        if network == "onet":
            add(f"{network}/keypoints", outputs[1].astype("<f4"))
    GOLDEN.mkdir(exist_ok=True)
    (GOLDEN / "networks.bin").write_bytes(blob)
    (GOLDEN / "networks.json").write_text(json.dumps({"source": "PyPI mtcnn 1.0.0", "arrays": arrays}, indent=1) + "\n")


def main():
    if version("mtcnn") != "1.0.0":
        sys.exit(f"expected mtcnn 1.0.0, got {version('mtcnn')}: pip install mtcnn==1.0.0")
    import tensorflow as tf
    networks = rebuild()
    write_weights(networks)
    for network, layers in networks.items():
        write_saved_model(tf, network, layers)
    write_golden()


if __name__ == "__main__":
    main()
