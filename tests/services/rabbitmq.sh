#!/usr/bin/env bash
# A RabbitMQ for tests, on loopback, with its own port mapper, node name, cookie and data below FOLDER.
#   rabbitmq.sh start|stop|kill|pause|resume|wipe FOLDER PORT [node mapper]
#   rabbitmq.sh ctl FOLDER PORT ARGUMENTS...      rabbitmqctl for this node
# start prints what a client needs; it also brings back what was killed. PORT to PORT+2 are used.
set -euo pipefail
daemons=(node mapper)
. "$(dirname "$0")/processes.sh"
[ $# -ge 3 ] || { usage; exit 2; }
command=$1 folder=$(realpath -m "$2") port=$3
shift 3

programs=/usr/lib/rabbitmq/bin # those on the path change to the user rabbitmq

environment() {
  unset ERL_LIBS ERL_FLAGS ERL_AFLAGS ERL_ZFLAGS RABBITMQ_USE_LONGNAME
  export RUNNING_UNDER_SYSTEMD=1 # the script then becomes the node, so that its number is the node's
  export HOME=$folder/home LANG=C.UTF-8 LC_ALL=C.UTF-8
  export ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$((port + 2))
  export RABBITMQ_NODENAME=dropit$port@localhost RABBITMQ_DIST_PORT=$((port + 1))
  export RABBITMQ_CONFIG_FILE=$folder/rabbitmq.conf RABBITMQ_ADVANCED_CONFIG_FILE=$folder/advanced.config
  export RABBITMQ_CONF_ENV_FILE=$folder/none RABBITMQ_ENABLED_PLUGINS_FILE=$folder/plugins RABBITMQ_GENERATED_CONFIG_DIR=$folder/generated
  export RABBITMQ_MNESIA_BASE=$folder/data RABBITMQ_LOG_BASE=$folder/log RABBITMQ_PID_FILE=$folder/node.pid
  local loopback="-kernel inet_dist_use_interface {127,0,0,1}"
  # two schedulers that sleep when there is nothing to do
  export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="$loopback +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none" RABBITMQ_CTL_ERL_ARGS=$loopback
}

start() {
  umask 077
  mkdir -p "$folder"/{pid,log,home,data,generated}
  environment
  [ -e "$HOME/.erlang.cookie" ] || { tr -d - </proc/sys/kernel/random/uuid >"$HOME/.erlang.cookie"; chmod 400 "$HOME/.erlang.cookie"; }
  echo '[].' >"$folder/advanced.config"
  echo '[].' >"$folder/plugins"
  cat >"$folder/rabbitmq.conf" <<TEXT
listeners.tcp.1 = 127.0.0.1:$port
default_user = test
default_pass = test
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
log.console = false
log.file.level = info
TEXT
  # else the first program of Erlang's would start one that nobody ends
  running mapper >/dev/null || launch mapper epmd -address 127.0.0.1 -port $((port + 2))
  until_true 10 "the opening of port $((port + 2))" listens $((port + 2))
  running node >/dev/null || launch node "$programs/rabbitmq-server"
  until_true 60 "the opening of port $port" listens "$port"
  echo "AMQP_URL=amqp://test:test@127.0.0.1:$port/"
}

case $command in
  start) start ;;
  ctl) environment; exec "$programs/rabbitmqctl" "$@" ;;
  *) serve "$command" "$@" ;;
esac
