#!/usr/bin/env bash
# Installs what the tests need on a clean Debian 12: a browser, the toolchains of the stacks, programs for the terminal, and the servers of a
# cluster (tests/services starts them). Takes no time when all of it is there.
set -euo pipefail

packages=(
  chromium chromium-headless-shell firefox-esr      # browsers; the first for the benches
  golang-go g++ make python3 python3-venv python3-flask   # stacks
  git htop procps vim-tiny                          # terminals
  bubblewrap                                        # sandboxes of workspaces
  radosgw ceph-mon ceph-osd ceph-common             # an S3 server
  rabbitmq-server postgresql
  nginx docker-registry                             # another ingress controller; where a node of the benches fetches images
  buildah mmdebstrap                                # images for the cluster
)

# The Kubernetes of the cluster's specs is built from Debian's source once, in minutes; without root these specs say that they did not run.
cluster() {
  if [ "$(id -u)" -eq 0 ]; then
    tests/services/cluster.sh install
  else
    echo "NOT INSTALLED: the Kubernetes that the cluster's specs run on needs root; they will not run." >&2
  fi
}

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  cluster
  exit
fi

if ! command -v apt-get >/dev/null; then
  echo "The tests need ${missing[*]}; install them with this system's package manager." >&2
  exit 1
fi

root=()
[ "$(id -u)" -eq 0 ] || root=(sudo)
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# The servers' packages would each start a server of the whole machine; the tests start their own.
quiet() {
  "${root[@]}" mkdir -p /etc/postgresql-common/createcluster.d
  echo 'create_main_cluster = false' | "${root[@]}" tee /etc/postgresql-common/createcluster.d/dropit-tests.conf >/dev/null
  [ -e /usr/sbin/policy-rc.d ] && return
  printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee /usr/sbin/policy-rc.d >/dev/null
  "${root[@]}" chmod +x /usr/sbin/policy-rc.d
  trap 'rm -f "$log"; "${root[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
}

echo "Installing ${missing[*]}" >&2
quiet
if ! { "${root[@]}" apt-get update -q &&
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  exit 1
fi
cluster
