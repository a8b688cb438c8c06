#!/bin/sh
# A worker on a bare machine (Debian, Raspberry Pi OS, Ubuntu): Node.js 20 or later where there is none, then
# `npx @mtcnn/node-red` with the same choices:
#
#   sudo sh worker.sh --broker mqtts://broker.lan --user detector --password-file detector.password --ca ca.crt --service
#
# Node.js comes from the distribution where that is new enough, else from nodejs.org (checked against its SHA-256), into
# /usr/local. Run again it changes only what is out of date.
set -eu
NODE_DIST=${NODE_DIST:-https://nodejs.org/dist/latest-v22.x}
PREFIX=${PREFIX:-/usr/local}

is_new() { [ "$("$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge 20 ]; }

if ! { is_new node && command -v npx >/dev/null; }; then
  # A fresh machine knows of no package yet.
  if command -v apt-get >/dev/null; then apt-get update -q; fi
  candidate=$(apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*\).*/\1/p')
  if [ "${candidate:-0}" -ge 20 ]; then
    apt-get install -qy --no-install-recommends nodejs npm
  else
    case $(uname -m) in
    x86_64) machine=x64 ;;
    aarch64) machine=arm64 ;;
    armv7l) machine=armv7l ;;
    *)
      echo "expected x86_64, aarch64 or armv7l, got $(uname -m): install Node.js 20 or later yourself" >&2
      exit 1
      ;;
    esac
    command -v curl >/dev/null || apt-get install -qy --no-install-recommends curl ca-certificates
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    cd "$folder"
    curl -fsSLO "$NODE_DIST/SHASUMS256.txt"
    line=$(grep "linux-$machine.tar.gz\$" SHASUMS256.txt)
    curl -fsSLO "$NODE_DIST/${line##* }"
    echo "$line" | sha256sum --check --quiet
    tar -xzf "${line##* }" -C "$PREFIX" --strip-components=1 --no-same-owner
    cd - >/dev/null
    rm -rf "$folder" # exec runs no trap
    PATH=$PREFIX/bin:$PATH
  fi
fi
exec npx --yes @mtcnn/node-red "$@"
