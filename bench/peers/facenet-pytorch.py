#!/usr/bin/env python3
"""Mean time of facenet-pytorch 2.6.0 on a dataset: python facenet-pytorch.py DATASET [--limit N] [--predictions FILE].

`MTCNN(keep_all=True).detect` on decoded pictures, with its defaults, on the processor. See peer.py.
"""
import torch
from facenet_pytorch import MTCNN

from peer import measure

detector = MTCNN(keep_all=True, device="cpu")


def detect(picture):
    with torch.no_grad():
        boxes, confidences = detector.detect(picture)
    if boxes is None:
        return []
    return [
        [left, top, right - left, bottom - top, confidence]
        for (left, top, right, bottom), confidence in zip(boxes.tolist(), confidences.tolist())
    ]


measure("facenet-pytorch-2.6.0", detect)
