#!/bin/bash
# Makes the Python environment: environment.sh PYTHON VENV LOCKFILE
# Every package, the installer included, is checked against the hashes of the lock file.
set -euo pipefail
python=$1 venv=$2 lock=$3

stop() {
  echo "$1" >&2
  exit 1
}

apt_install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  echo "installing $* from the system's packages" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update >/dev/null || true
  apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}

command -v "$python" >/dev/null || apt_install python3 python3-venv ||
  stop "Python 3.11 or newer is needed: install it, or run make PYTHON=/path/to/python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  stop "Python 3.11 or newer is needed, $python is $("$python" -V 2>&1): run make PYTHON=/path/to/python3.11"

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  "$python" -c 'import ensurepip' 2>/dev/null || apt_install python3-venv ||
    stop "Python's venv module is missing: run 'apt-get install python3-venv' as root"
  echo "making the Python environment $venv" >&2
  "$python" -m venv --clear "$venv"
fi

bootstrap=$(mktemp)
trap 'rm -f "$bootstrap"' EXIT
awk '/^[^ ]/ { keep = /^uv==/ } keep' "$lock" >"$bootstrap"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$bootstrap" ||
  stop "pip could not install uv: is the network there?"

echo "installing the packages of $lock" >&2
if ! "$venv/bin/python" -m uv pip install --quiet --python "$venv/bin/python" --require-hashes -r "$lock"; then
  echo "uv could not; trying pip, which takes some minutes" >&2
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" ||
    stop "the packages of $lock could not be installed: is the network there?"
fi
