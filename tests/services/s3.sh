#!/usr/bin/env bash
# An S3 server for tests: Ceph's gateway on one monitor and one store, all on loopback, all data below FOLDER.
#   s3.sh start|stop|kill|pause|resume|wipe FOLDER PORT [gateway osd mon]
# start prints what a client needs; it also brings back what was killed. PORT to PORT+20 are used.
set -euo pipefail
daemons=(gateway osd mon)
. "$(dirname "$0")/processes.sh"
[ $# -ge 3 ] || { usage; exit 2; }
command=$1 folder=$(realpath -m "$2") port=$3
shift 3

configuration=$folder/ceph.conf
export CEPH_ARGS= CEPH_CONF=$configuration
key=dropittestskey000001 secret=dropittestssecret00000000000000000000001

configure() {
  cat >"$configuration" <<TEXT
[global]
fsid = $(cat "$folder/fsid")
mon_initial_members = a
mon_host = [v2:127.0.0.1:$((port + 1))/0]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_ipv6 = false
ms_bind_msgr1 = false
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
run_dir = $folder/pid
crash_dir = $folder/crash
admin_socket =
log_file = $folder/log/\$name.log
mon_cluster_log_file = $folder/log/cluster.log
# one copy of everything on one store
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
# the waits that a start after a kill would spend its time in
mon_client_hunt_interval = 0.3
objecter_timeout = 1
objecter_tick_interval = 0.5
osd_client_watch_timeout = 3
[mon]
mon_data = $folder/mon
mon_data_avail_warn = 2
mon_data_avail_crit = 1
paxos_propose_interval = 0.05
[osd]
osd_data = $folder/osd
osd_objectstore = bluestore
bluestore_block_create = true
bluestore_block_size = $((20 << 30))
bluestore_cache_autotune = false
bluestore_cache_size = $((128 << 20))
osd_op_num_shards = 2
osd_heartbeat_grace = 3600
ms_bind_port_min = $((port + 2))
ms_bind_port_max = $((port + 20))
[client]
keyring = /dev/null
rgw_rados_pool_pg_num_min = 4
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
rgw_data = $folder/gateway
rgw_thread_pool_size = 64
rgw_dynamic_resharding = false
rgw_run_sync_thread = false
rgw_enable_lc_threads = false
rgw_num_control_oids = 1
# it would ask the monitor for encryption, which needs keys
ms_mon_client_mode = crc
TEXT
}

# once NAME COMMAND...: what makes a part's data; half made data of a start that was killed is made again
once() {
  local name=$1
  shift
  [ -e "$folder/$name.made" ] && return
  rm -rf "${folder:?}/$name"
  mkdir "$folder/$name"
  "$@" >>"$folder/log/make-$name" 2>&1 || fail "cannot make $name"
  touch "$folder/$name.made"
}

make_mon() {
  monmaptool --create --clobber --fsid "$(cat "$folder/fsid")" --addv a "[v2:127.0.0.1:$((port + 1))/0]" "$folder/map"
  ceph-mon -c "$configuration" -i a --mkfs --monmap "$folder/map"
}

make_osd() {
  ceph -c "$configuration" --connect-timeout 30 osd new "$(cat "$folder/osd.id")" 0
  ceph-osd -c "$configuration" -i 0 --mkfs --osd-uuid "$(cat "$folder/osd.id")"
}

make_gateway() {
  radosgw-admin -c "$configuration" -n client.rgw user create --uid test --display-name test --access-key $key --secret-key $secret
}

start() {
  umask 077
  ulimit -n 65536 2>/dev/null || true
  mkdir -p "$folder"/{pid,log,crash}
  for id in fsid osd.id; do
    [ -s "$folder/$id" ] || cat /proc/sys/kernel/random/uuid >"$folder/$id"
  done
  configure
  once mon make_mon
  running mon >/dev/null || launch mon ceph-mon -c "$configuration" -f -i a
  once osd make_osd
  running osd >/dev/null || launch osd ceph-osd -c "$configuration" -f -i 0
  once gateway make_gateway
  running gateway >/dev/null || launch gateway radosgw -c "$configuration" -f -n client.rgw
  until_true 60 "the opening of port $port" listens "$port"
  printf '%s\n' "S3_ENDPOINT=http://127.0.0.1:$port" "S3_ACCESS_KEY=$key" "S3_SECRET_KEY=$secret"
}

case $command in
  start) start ;;
  *) serve "$command" "$@" ;;
esac
