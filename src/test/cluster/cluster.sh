#!/usr/bin/env bash
# Three machines on one: PostgreSQL 17 under Patroni with etcd, each node in a network of its own, and HAProxy outside
# of them. For tests: what is here to make them short or repeatable says so.
#
#   VAULT_CLUSTER=DIR cluster.sh start|stop|status|wait|url|leader|standby|kill-primary
#   VAULT_CLUSTER=DIR cluster.sh stop-node|lose-node|start-node|cut|heal N
#
# start         makes and starts all of it in DIR, which must not exist; prints the URLs of the vault's database, which
#               has its roles and no tables: `db upgrade` as vault_migration makes them
# stop          ends what start started, and removes DIR and the networks
# status        what Patroni says of its members
# wait          until one node is the primary and the other two follow, one of them synchronously; 1 after 120 seconds
# url           prints the URLs again, for the role that serves: with all three hosts, and by HAProxy
# leader        prints the number of the primary; 1 if there is none. `standby`: of the synchronous standby
# kill-primary  SIGKILL to each process of the primary's PostgreSQL
# stop-node     ends Patroni and PostgreSQL of node N in good order; start-node starts them again
# lose-node     as when the power of node N goes: its packets vanish, and SIGKILL to PostgreSQL, Patroni and etcd.
#               start-node starts all of them again, on the network
# cut           takes node N, its etcd too, off the network: packets vanish, no connection is closed. heal: back on it
#
# Node N has the address 127.77.0.N, in the loopback range but on a network of its own: the ports are those of every
# day, and no other server of this machine is in the way. Another cluster at the same time takes another
# VAULT_CLUSTER_NET (1 to 254) in place of 77. Linux, run as root. From Debian: postgresql-17 patroni python3-etcd
# python3-psycopg2 etcd-server haproxy iproute2 curl. What Debian itself would start is not touched.
set -euo pipefail

dir=${VAULT_CLUSTER:?a directory for the cluster}
net=${VAULT_CLUSTER_NET:-77}
bridge=pvault$net
bin=/usr/lib/postgresql/17/bin
roles=$(dirname "$0")/../../main/resources/org/patronvault/core/store/roles.sql
nodes="1 2 3"

address() { echo "127.$net.0.$1"; }
inside() { ip netns exec "$bridge-$1" "${@:2}"; }

# As user postgres on node $1, with nothing of root's environment.
postgres() {
  inside "$1" setpriv --reuid postgres --regid postgres --init-groups \
    env -i HOME="$dir" PATH="$bin:/usr/bin:/bin" LANG=C.UTF-8 "${@:2}"
}

# The same, left running.
daemon() {
  postgres "$1" setsid "${@:3}" >> "$dir/log/$2$1" 2>&1 < /dev/null &
}

# Polls for a condition until it holds; $1 seconds at most.
until_holds() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}

network() {
  ip link add "$bridge" type bridge
  echo 1 > "/proc/sys/net/ipv4/conf/$bridge/route_localnet"
  ip addr add "$(address 254)/24" dev "$bridge" scope link
  ip link set "$bridge" up
  for n in $nodes; do
    ip netns add "$bridge-$n"
    ip link add "$bridge-$n" type veth peer name net0 netns "$bridge-$n"
    ip link set "$bridge-$n" master "$bridge" up
    inside "$n" sh -c 'echo 1 > /proc/sys/net/ipv4/conf/net0/route_localnet'
    ip -n "$bridge-$n" link set lo up
    ip -n "$bridge-$n" addr add "$(address "$n")/24" dev net0 scope link
    ip -n "$bridge-$n" link set net0 up
  done
}

secret() { od -An -N 16 -t x1 /dev/urandom | tr -d ' \n'; }

# One line for each that connects, as libpq and pgjdbc (PGPASSFILE) read it. Vault's own copy is root's.
passwords() {
  for user in postgres replicator rewinder vault_migration vault_service; do
    echo "*:*:*:$user:$(secret)"
  done > "$dir/pgpass"
  cp "$dir/pgpass" "$dir/pgpass-patroni"
  chmod 600 "$dir/pgpass" "$dir/pgpass-patroni"
}

password() { grep ":$1:" "$dir/pgpass" | cut -d : -f 5; }

etcd_of() {
  local a
  a=$(address "$1")
  daemon "$1" etcd etcd --name "n$1" --data-dir "$dir/etcd$1" --logger zap --log-level warn \
    --listen-client-urls "http://$a:2379" --advertise-client-urls "http://$a:2379" \
    --listen-peer-urls "http://$a:2380" --initial-advertise-peer-urls "http://$a:2380" \
    --initial-cluster "n1=http://$(address 1):2380,n2=http://$(address 2):2380,n3=http://$(address 3):2380" \
    --initial-cluster-token "$bridge" --initial-cluster-state new
}

# What the page on failover explains is explained there. The least ttl that Patroni takes is 20 seconds.
patroni_yaml() {
  local a
  a=$(address "$1")
  cat << Y
scope: vault
name: n$1
restapi: {listen: "$a:8008", connect_address: "$a:8008"}
etcd3: {hosts: ["$(address 1):2379", "$(address 2):2379", "$(address 3):2379"]}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 3
    maximum_lag_on_failover: 1048576
    primary_start_timeout: 0
    synchronous_mode: true
    synchronous_mode_strict: true
    synchronous_node_count: 1
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters:
        fsync: "on"
        full_page_writes: "on"
        synchronous_commit: "on"
        wal_log_hints: "on"
        max_connections: 100
        wal_sender_timeout: 5s
        wal_receiver_timeout: 5s
  initdb: [{encoding: UTF8}, {locale: C.UTF-8}, data-checksums, {auth-host: scram-sha-256}, {auth-local: peer}]
postgresql:
  listen: "$a:5432"
  connect_address: "$a:5432"
  data_dir: $dir/postgres$1
  bin_dir: $bin
  pgpass: $dir/pgpass$1
  use_unix_socket: true
  authentication:
    superuser: {username: postgres, password: $(password postgres)}
    replication: {username: replicator, password: $(password replicator)}
    rewind: {username: rewinder, password: $(password rewinder)}
  basebackup: [{checkpoint: fast}]
  parameters: {unix_socket_directories: "$dir/socket$1", shared_buffers: 64MB}
  pg_hba:
    - local all postgres peer
    - host replication replicator 127.$net.0.0/24 scram-sha-256
    - host all all 127.$net.0.0/24 scram-sha-256
# For tests only: where a hung Patroni must not leave a primary behind, a watchdog is required.
watchdog: {mode: "off"}
Y
}

haproxy_cfg() {
  cat << H
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
listen primary
  bind $(address 254):5432
  option httpchk OPTIONS /primary
  http-check expect status 200
  retries 0
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
$(for n in $nodes; do echo "  server n$n $(address "$n"):5432 check port 8008"; done)
H
}

says() { curl -s -m 1 -o /dev/null -w '%{http_code}' "http://$(address "$1"):8008/$2" || true; }

one_that_is() {
  for n in $nodes; do
    [ "$(says "$n" "$1")" != 200 ] || { echo "$n" && return; }
  done
  return 1
}

all_follow() {
  local members
  members=$(curl -s -m 1 "http://$(address "$(one_that_is primary || echo 1)"):8008/cluster") || return 1
  [ "$(grep -o '"state": "streaming"' <<< "$members" | wc -l)" = 2 ] \
    && grep -q '"role": "leader", "state": "running"' <<< "$members" && grep -q '"role": "sync_standby"' <<< "$members"
}

url() {
  echo "jdbc:postgresql://$(address 1):5432,$(address 2):5432,$(address 3):5432/vault?targetServerType=primary&user=vault_service"
  echo "jdbc:postgresql://$(address 254):5432/vault?user=vault_service"
}

# The number in the first line of file $2, if it is a process of node $1; a file left behind may name anybody's.
process() {
  ip netns pids "$bridge-$1" 2> /dev/null | grep -x "$(head -1 "$2" 2> /dev/null || echo none)" || true
}

postmaster() { process "$1" "$dir/postgres$1/postmaster.pid"; }

patroni_of() {
  daemon "$1" patroni sh -c 'echo $$ > "$0" && exec patroni "$1"' "$dir/patroni$1.pid" "$dir/patroni$1.yaml"
}

patroni() { process "$1" "$dir/patroni$1.pid"; }

has_no_server() { [ -z "$(postmaster "$1")" ]; }

has_no_patroni() { [ -z "$(patroni "$1")" ]; }

is_empty() { [ -z "$(ip netns pids "$bridge-$1" 2> /dev/null)" ]; }

start() {
  [ ! -e "$dir" ] || { echo "there is something at $dir already" >&2 && exit 1; }
  mkdir -p -m 755 "$dir"
  trap 'stop; exit 1' ERR
  mkdir "$dir/log"
  passwords
  chown postgres "$dir" "$dir/log" "$dir/pgpass-patroni"
  network
  for n in $nodes; do
    mkdir -m 700 "$dir/etcd$n" "$dir/postgres$n" "$dir/socket$n"
    patroni_yaml "$n" > "$dir/patroni$n.yaml"
    chmod 600 "$dir/patroni$n.yaml"
    chown postgres "$dir"/*"$n" "$dir/patroni$n.yaml"
    etcd_of "$n"
  done
  for n in $nodes; do
    patroni_of "$n"
  done
  haproxy_cfg > "$dir/haproxy.cfg"
  haproxy -D -f "$dir/haproxy.cfg" -p "$dir/haproxy.pid" > "$dir/log/haproxy" 2>&1
  until_holds 120 all_follow
  local primary
  primary=$(one_that_is primary)
  postgres "$primary" psql -q -v ON_ERROR_STOP=1 -h "$dir/socket$primary" -d postgres << Q
CREATE DATABASE vault TEMPLATE template0 ENCODING 'UTF8';
\connect vault
$(cat "$roles")
ALTER ROLE vault_migration PASSWORD '$(password vault_migration)';
ALTER ROLE vault_service PASSWORD '$(password vault_service)';
Q
  for n in $nodes; do
    until_holds 30 postgres "$n" psql -q -h "$dir/socket$n" -d vault -c ''
  done
  trap - ERR
  url
}

# PostgreSQL told to end at once takes its shared memory with it; killed it would leave that behind.
stop() {
  set +e
  for n in $nodes; do
    patroni "$n" | xargs -r kill -KILL
    postmaster "$n" | xargs -r kill -QUIT
  done
  for n in $nodes; do
    until_holds 10 has_no_server "$n"
    ip netns pids "$bridge-$n" 2> /dev/null | xargs -r kill -KILL
    until_holds 10 is_empty "$n"
    ip link del "$bridge-$n" 2> /dev/null
    ip netns del "$bridge-$n" 2> /dev/null
  done
  [ ! -s "$dir/haproxy.pid" ] || xargs kill -TERM < "$dir/haproxy.pid"
  ip link del "$bridge" 2> /dev/null
  rm -rf "$dir"
}

kill_primary() {
  local primary pid
  primary=$(one_that_is primary)
  pid=$(postmaster "$primary")
  # shellcheck disable=SC2046 # a list of numbers
  kill -KILL "$pid" $(ps -o pid= --ppid "$pid") 2> /dev/null || true
}

stop_node() {
  kill -TERM "$(patroni "$1")"
  until_holds 60 has_no_patroni "$1"
  has_no_server "$1"
}

kills_what_is_left() {
  ip netns pids "$bridge-$1" | xargs -r kill -KILL 2> /dev/null
  is_empty "$1"
}

lose_node() {
  ip link set "$bridge-$1" down
  until_holds 10 kills_what_is_left "$1"
}

start_node() {
  ip link set "$bridge-$1" up
  ! is_empty "$1" || etcd_of "$1"
  patroni_of "$1"
}

case "${1:-} ${2:-}" in
  "start " | "stop ") "$1" ;;
  "url ") url ;;
  "wait ") until_holds 120 all_follow ;;
  "status ") patronictl -c "$dir/patroni1.yaml" list ;;
  "leader ") one_that_is primary ;;
  "standby ") one_that_is sync ;;
  "kill-primary ") kill_primary ;;
  "stop-node "[123]) stop_node "$2" ;;
  "lose-node "[123]) lose_node "$2" ;;
  "start-node "[123]) start_node "$2" ;;
  "cut "[123]) ip link set "$bridge-$2" down ;;
  "heal "[123]) ip link set "$bridge-$2" up ;;
  *)
    sed -n '2,/^set -/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
