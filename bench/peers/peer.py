"""What every Python peer of the speed table does: read the pictures, detect, take the time, print JSON as last line.

A dataset is a folder with `ground-truth.json`: `[{file, boxes_xywh, …}, …]`. The time is that of the detection alone,
after one picture to warm up; decoding is not counted. With --predictions, FILE receives
`{file: [[x, y, width, height, confidence], …]}`.
"""
import argparse
import json
import os
import time

from PIL import Image, ImageOps

Image.MAX_IMAGE_PIXELS = None


def measure(name, detect):
    """Runs `detect(picture)` over a dataset: a picture in RGB in, `[[x, y, width, height, confidence], …]` out."""
    parser = argparse.ArgumentParser()
    parser.add_argument("dataset")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--predictions")
    arguments = parser.parse_args()

    def read(entry):
        picture = Image.open(os.path.join(arguments.dataset, entry["file"]))
        return ImageOps.exif_transpose(picture).convert("RGB")

    with open(os.path.join(arguments.dataset, "ground-truth.json")) as file:
        entries = json.load(file)[: arguments.limit]
    detect(read(entries[0]))
    seconds, predictions = 0.0, {}
    for entry in entries:
        picture = read(entry)
        begin = time.perf_counter()
        faces = detect(picture)
        seconds += time.perf_counter() - begin
        predictions[entry["file"]] = faces
    if arguments.predictions:
        with open(arguments.predictions, "w") as file:
            json.dump(predictions, file)
    result = {"images": len(entries), "meanMs": round(1000 * seconds / len(entries), 2), "engine": name}
    print(json.dumps(result))
