# What the three scripts beside this one share: background processes of one folder, found again by files with their numbers.
# They set: folder (all data), daemons (names, the last to be ended last). A process is ours when its command line or its
# working folder names the folder: numbers are used again by the system, and a wrong one must never be signalled.

fail() {
  echo "$(basename "$0"): $*" >&2
  tail -n 5 "$folder"/log/* >&2 2>/dev/null || true
  exit 1
}

# running NAME: prints its number; fails when it is gone. A zombie, whose command line is empty, counts as gone.
running() {
  local pid
  pid=$(cat "$folder/pid/$1" 2>/dev/null) && [ -n "$pid" ] || return 1
  { tr '\0' ' ' <"/proc/$pid/cmdline"; tr '\0' '\n' <"/proc/$pid/environ"; } 2>/dev/null | grep -F -- "$folder" >/dev/null || return 1
  echo "$pid"
}

# launch NAME COMMAND...: in a session of its own and without our streams, so that whoever reads our output sees its end
launch() {
  local name=$1
  shift
  setsid "$@" </dev/null >>"$folder/log/$name" 2>&1 &
  echo $! >"$folder/pid/$name"
}

# until_true SECONDS WHAT COMMAND...
until_true() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" 2>/dev/null; do
    [ $SECONDS -lt "$end" ] || fail "$what did not happen in time"
    sleep 0.05
  done
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

gone() { ! running "$1" >/dev/null; }

# send SIGNAL NAME...
send() {
  local signal=$1 name pid
  shift
  for name; do
    pid=$(running "$name") || continue
    kill "-$signal" "$pid" 2>/dev/null || true
  done
}

# finish SIGNAL NAME...: and wait until each is gone; one that stays is killed
finish() {
  local signal=$1 name
  shift
  for name; do
    send "$signal" "$name"
    (until_true 15 "the end of $name" gone "$name") 2>/dev/null || { send KILL "$name"; until_true 10 "the end of $name" gone "$name"; }
    rm -f "$folder/pid/$name"
  done
}

# serve COMMAND NAME...: what all three understand alike; the names are some of the daemons (default: all)
serve() {
  local command=$1
  shift
  [ $# -gt 0 ] || set -- "${daemons[@]}"
  case $command in
    stop) send CONT "$@"; finish TERM "$@" ;;
    kill) finish KILL "$@" ;;
    pause) send STOP "$@" ;;
    resume) send CONT "$@" ;;
    wipe) finish KILL "${daemons[@]}"; rm -rf "$folder" ;;
    *) usage; exit 2 ;;
  esac
}

usage() {
  echo "usage: $(basename "$0") start|stop|kill|pause|resume|wipe FOLDER PORT [${daemons[*]}]" >&2
}
