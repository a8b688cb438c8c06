#!/usr/bin/env bash
# Builds @tensorflow/tfjs-node into .native/ from registry packages alone (npm and PyPI), for development and CI.
# Its own install script downloads libtensorflow from a host that many build machines do not reach; the same
# library is inside the PyPI wheel tensorflow-cpu. Users on an ordinary network run `npm i @tensorflow/tfjs-node`.
set -euo pipefail
cd "$(dirname "$0")/.."
TFJS_NODE=4.22.0
TENSORFLOW=2.21.0
target=$PWD/.native
package=$target/node_modules/@tensorflow/tfjs-node
stamp=$target/installed-$TFJS_NODE-$TENSORFLOW-$(node -p 'process.versions.modules')

if [ -f "$stamp" ]; then
  echo "native engine: already in .native"
else
  rm -rf "$target" && mkdir -p "$target/wheel"
  echo '{"name": "native-engine", "private": true}' >"$target/package.json"
  npm install --prefix "$target" --ignore-scripts --no-package-lock "@tensorflow/tfjs-node@$TFJS_NODE"
  python3 -m pip download -q --no-deps --only-binary=:all: -d "$target/wheel" "tensorflow-cpu==$TENSORFLOW"
  python3 -m zipfile -e "$target"/wheel/*.whl "$target/wheel"
  wheel=$target/wheel/tensorflow
  mkdir -p "$package/deps/lib"
  mv "$wheel/include" "$package/deps/include"
  cc=$(find "$wheel" -name 'libtensorflow_cc.so.2' | head -n 1)
  framework=$(find "$wheel" -name 'libtensorflow_framework.so.2' | head -n 1)
  mv "$cc" "$package/deps/lib/libtensorflow_cc.so.2"
  mv "$framework" "$package/deps/lib/libtensorflow_framework.so.2"
  (cd "$package/deps/lib" && ln -s libtensorflow_cc.so.2 libtensorflow.so && ln -s libtensorflow_framework.so.2 libtensorflow_framework.so)
  rm -rf "$target/wheel"
  # node-gyp comes with npm; headers from the running Node's own prefix.
  gyp=$(npm root -g)/npm/node_modules/node-gyp/bin/node-gyp.js
  prefix=$(node -p 'require("path").dirname(require("path").dirname(process.execPath))')
  (cd "$package" && node "$gyp" configure build --nodedir="$prefix" --module_name=tfjs_binding \
    --module_path="$package/lib/napi-v8" --napi_version=8 --napi_build_version=8 --node_napi_label=napi-v8)
  touch "$stamp"
fi
# `npm run build` links it to where the compiled package looks for an installed peer.
node -e '
  const util = require("util");
  util.isNullOrUndefined ??= (v) => v === null || v === undefined;
  util.isArray ??= Array.isArray;
  const tf = require(process.argv[1]);
  console.log("native engine: TensorFlow", tf.version["tfjs-node"], "loads");
' "$package"
