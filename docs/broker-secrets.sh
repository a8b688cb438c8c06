#!/bin/sh
# Makes what a broker and its users need: a certificate authority, the broker's certificate, a password for each role.
#
#   sh broker-secrets.sh FOLDER NAME...
#
# NAME: every name and address by which machines reach the broker, such as broker.lan 192.168.1.10.
# FOLDER gets, readable by you alone:
#   ca.crt                     for every machine
#   ca.key                     for nobody: keep it away from the broker
#   broker.crt, broker.key     for the broker
#   passwords                  for Mosquitto, hashed
#   ROLE.password              for the machines of that role: publisher, detector, collector
# Run again it makes a new certificate of the same authority, and keeps the passwords that are there: delete one to
# change it. Needs openssl and mosquitto_passwd.
set -eu
umask 077

if [ $# -lt 2 ]; then
  echo "usage: sh $0 FOLDER NAME...  (the broker's names and addresses)" >&2
  exit 2
fi
for program in openssl mosquitto_passwd; do
  command -v "$program" >/dev/null || {
    echo "expected $program, found none: apt install openssl mosquitto" >&2
    exit 1
  }
done
mkdir -p "$1"
cd "$1"
shift

make_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

if [ ! -f ca.crt ]; then
  make_key ca.key
  printf 'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n' >ca.ext
  openssl req -new -key ca.key -subj '/CN=Faces: broker authority' -out ca.csr
  openssl x509 -req -sha256 -in ca.csr -signkey ca.key -days 3650 -extfile ca.ext -out ca.crt
fi

names=
for name; do
  case $name in
  *:*) kind=IP ;;
  *[!0-9.]*) kind=DNS ;;
  *) kind=IP ;;
  esac
  names="$names${names:+,}$kind:$name"
done
make_key broker.key
printf 'basicConstraints=CA:false\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\nsubjectAltName=%s\n' \
  "$names" >broker.ext
openssl req -new -key broker.key -subj "/CN=$1" -out broker.csr
openssl x509 -req -sha256 -in broker.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 825 -extfile broker.ext \
  -out broker.crt
rm -f ca.csr ca.ext broker.csr broker.ext

: >passwords
for role in publisher detector collector; do
  [ -s "$role.password" ] || openssl rand -hex 24 >"$role.password"
  printf '%s:%s\n' "$role" "$(cat "$role.password")" >>passwords
done
mosquitto_passwd -U passwords
echo "made for $names, valid for 825 days"
