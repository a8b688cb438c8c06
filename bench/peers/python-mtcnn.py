#!/usr/bin/env python3
"""Mean time of Python mtcnn 1.0.0 on a dataset: python python-mtcnn.py DATASET [--limit N] [--predictions FILE].

`MTCNN().detect_faces` on decoded pictures, with its defaults. See peer.py.
"""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
from mtcnn import MTCNN

from peer import measure

detector = MTCNN()


def detect(picture):
    return [[*face["box"], face["confidence"]] for face in detector.detect_faces(np.asarray(picture))]


measure("python-mtcnn-1.0.0", detect)
