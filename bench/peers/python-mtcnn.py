#!/usr/bin/env python3
"""Mean time of Python mtcnn 1.0.0 on a dataset: python python-mtcnn.py DATASET [LIMIT]. Last line: JSON.

`detect_faces` on decoded arrays, with its defaults, after one image to warm up; decoding is not counted.
"""
import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
from mtcnn import MTCNN
from PIL import Image, ImageOps

Image.MAX_IMAGE_PIXELS = None
folder = sys.argv[1]
entries = json.load(open(os.path.join(folder, "ground-truth.json")))
entries = entries[: int(sys.argv[2]) if len(sys.argv) > 2 else None]


def read(name):
    return np.asarray(ImageOps.exif_transpose(Image.open(os.path.join(folder, name))).convert("RGB"))


detector = MTCNN()
detector.detect_faces(read(entries[0]["file"]))
total = 0.0
for entry in entries:
    image = read(entry["file"])
    begin = time.perf_counter()
    detector.detect_faces(image)
    total += time.perf_counter() - begin
print(json.dumps({"images": len(entries), "meanMs": round(1000 * total / len(entries), 2), "engine": "python-mtcnn-1.0.0"}))
