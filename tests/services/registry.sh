#!/usr/bin/env bash
# An image registry on loopback, without passwords, all data below FOLDER.
#   registry.sh start|stop|kill|pause|resume|wipe FOLDER PORT
set -euo pipefail
daemons=(registry)
. "$(dirname "$0")/processes.sh"
[ $# -ge 3 ] || { usage; exit 2; }
command=$1 folder=$(realpath -m "$2") port=$3
shift 3

start() {
  mkdir -p "$folder"/{log,pid,images}
  cat >"$folder/registry.yaml" <<TEXT
version: 0.1
storage: {filesystem: {rootdirectory: $folder/images}}
http: {addr: "127.0.0.1:$port"}
TEXT
  launch registry docker-registry serve "$folder/registry.yaml"
  until_true 15 "the start of the registry" listens "$port"
}

case $command in
  start) start ;;
  *) serve "$command" "$@" ;;
esac
