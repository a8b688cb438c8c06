#!/usr/bin/env bash
# Installs the peers of the speed table, from PyPI and npm, each apart from the others:
#   bash bench/peers/install.sh [python-mtcnn] [facenet-pytorch] [face-api]      all of them without a name
set -euo pipefail
cd "$(dirname "$0")/../.."

# The notebook's detector. The same place rebuilds the models (models/convert.py).
python-mtcnn() {
  .venv/bin/python -c 'import mtcnn, tensorflow, joblib, lz4, PIL' 2>/dev/null && return
  python3 -m venv .venv
  .venv/bin/pip install -q mtcnn==1.0.0 tensorflow-cpu==2.21.0 joblib lz4 pillow
}

# Brings PyTorch 2.2 with the libraries of graphics cards: about 5 GB.
facenet-pytorch() {
  .peers/facenet-pytorch/bin/python -c 'import facenet_pytorch' 2>/dev/null && return
  python3 -m venv .peers/facenet-pytorch
  .peers/facenet-pytorch/bin/pip install -q facenet-pytorch==2.6.0
}

# In WASM, and on TensorFlow where `npm run native` has built it.
face-api() {
  local target=.peers/face-api
  mkdir -p $target
  [ -f $target/package.json ] || echo '{"name": "face-api", "private": true}' >$target/package.json
  [ -d $target/node_modules/@vladmandic/face-api ] ||
    npm install --prefix $target --ignore-scripts --no-package-lock --no-audit \
      @vladmandic/face-api@1.7.15 @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0
  if [ -d .native/node_modules ]; then
    # Its own tree: another tfjs-core beside TensorFlow's would not know its tensors.
    mkdir -p $target/native/node_modules/@vladmandic
    ln -sfn ../../../node_modules/@vladmandic/face-api $target/native/node_modules/@vladmandic/face-api
    ln -sfn ../../../../.native/node_modules/@tensorflow $target/native/node_modules/@tensorflow
  fi
}

[ $# -gt 0 ] || set -- python-mtcnn facenet-pytorch face-api
for peer; do
  echo "== $peer"
  "$peer"
done
