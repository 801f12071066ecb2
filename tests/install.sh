#!/usr/bin/env bash
# Installs what the tests need on a clean Debian 12: a browser, the toolchains of the stacks, programs for the terminal.
# Says nothing and takes no time when all of it is there.
set -euo pipefail

packages=(
  chromium                                          # the browser
  golang-go g++ make python3 python3-venv python3-flask   # stacks
  git htop procps vim-tiny                          # terminals
)

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit

if ! command -v apt-get >/dev/null; then
  echo "The tests need ${missing[*]}; install them with this system's package manager." >&2
  exit 1
fi

root=()
[ "$(id -u)" -eq 0 ] || root=(sudo)
log=$(mktemp)
trap 'rm -f "$log"' EXIT

echo "Installing ${missing[*]}" >&2
if ! { "${root[@]}" apt-get update -q &&
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  exit 1
fi
