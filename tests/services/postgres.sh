#!/usr/bin/env bash
# A PostgreSQL for tests, on loopback, all data below FOLDER, whose parents every user must be able to enter: it does not run as root.
#   postgres.sh start|stop|kill|pause|resume|wipe FOLDER PORT [postmaster]
# start prints what a client needs; it also brings back what was killed.
set -euo pipefail
daemons=(postmaster)
. "$(dirname "$0")/processes.sh"
[ $# -ge 3 ] || { usage; exit 2; }
command=$1 folder=$(realpath -m "$2") port=$3
shift 3

user=nobody
programs=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
programs=${programs%/initdb}

as() {
  cd /
  if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid $user --regid "$(id -g $user)" --clear-groups env HOME=/tmp LC_ALL=C.UTF-8 "$@"
  fi
  exec env LC_ALL=C.UTF-8 "$@"
}

make() {
  rm -rf "$folder/data"
  echo test >"$folder/password"
  chmod 644 "$folder/password"
  (as "$programs/initdb" -D "$folder/data" -U test --pwfile="$folder/password" -A scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-sync) \
    >"$folder/log/make" 2>&1 || fail "cannot make the database"
  cat >>"$folder/data/postgresql.conf" <<TEXT
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 100
shared_buffers = 64MB
max_wal_size = 256MB
TEXT
}

query() { PGPASSWORD=test PGCONNECT_TIMEOUT=2 "$programs/psql" -qX -h 127.0.0.1 -p "$port" -U test -d "$1" -c "$2" >/dev/null; }

# every process that works in the data folder, children of a postmaster that was killed too
workers() { find /proc -maxdepth 2 -path '/proc/[0-9]*/cwd' -lname "$folder/data" 2>/dev/null | cut -d/ -f3; }

nobody_left() { [ -z "$(workers)" ]; }

start() {
  mkdir -p "$folder"/{pid,log}
  chmod 755 "$folder"
  [ "$(id -u)" != 0 ] || chown $user "$folder"
  [ -e "$folder/made" ] || make
  if ! running postmaster >/dev/null; then
    # a killed one left its lock, with a number that some other process may have by now
    until_true 10 "the end of the last one" nobody_left
    rm -f "$folder/data/postmaster.pid"
    (as true) || fail "cannot become the user $user"
    launch postmaster bash -c "$(declare -f as); user=$user; as $programs/postgres -D $folder/data"
  fi
  until_true 60 "the first answer" query postgres 'select 1'
  [ -e "$folder/made" ] || { query postgres 'create database test'; touch "$folder/made"; }
  echo "PG_CONNECTION_STRING=Host=127.0.0.1;Port=$port;Username=test;Password=test;Database=test"
}

# The postmaster is stopped first, or it would start again what is killed before it.
kill_all() {
  send STOP postmaster
  local pid
  for pid in $(workers); do kill -9 "$pid" 2>/dev/null || true; done
  until_true 10 "the end of all" nobody_left
  rm -f "$folder/pid/postmaster"
}

case $command in
  start) start ;;
  stop) send CONT postmaster; finish INT postmaster ;;
  kill) kill_all ;;
  pause) for pid in $(workers); do kill -STOP "$pid"; done ;;
  resume) for pid in $(workers); do kill -CONT "$pid"; done ;;
  wipe) kill_all; rm -rf "$folder" ;;
  *) usage; exit 2 ;;
esac
