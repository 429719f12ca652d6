#!/bin/sh
# http.sh WORK: the reference server of lab 14 beside nginx, in a network namespace of its own: tests/bench.sh starts it there.
#
# WORK has http_server and listening.so; all that is written goes there. Prints a line for each file, `NAME OURS THEIRS`: requests a second,
# the median of three runs of wrk in turns. One worker, on the first processor; wrk on the last. Everything it starts ends with its
# pid namespace. Status 1 with a line on stderr when something could not be measured.
set -u
PATH=$PATH:/usr/sbin # where Debian has nginx
work=$1
rounds=3 seconds=2

# A server on the first processor, wrk on the last: the same one where there is only one.
cores=$(taskset -cp $$ | sed 's/.*: //; s/[-,]/ /g')
first=${cores%% *} last=${cores##* }

fail() {
    echo "$1" >&2
    exit 1
}

# serve COMMAND...: starts a server; returns when it listens, or has ended.
serve() {
    rm -f "$work/listening"
    mkfifo "$work/listening"
    LISTENING=9 LD_PRELOAD=$work/listening.so taskset -c "$first" "$@" 9> "$work/listening" > "$work/server" 2>&1 &
    cat "$work/listening"
}

# rate PORT NAME: requests a second that wrk saw, all of them answered with 200.
rate() {
    taskset -c "$last" wrk -t 1 -c 64 -d "${seconds}s" "http://127.0.0.1:$1/$2" > "$work/wrk" 2>&1
    grep -qE 'Non-2xx|Socket errors|unable' "$work/wrk" && fail "port $1: $(grep -E 'Non-2xx|Socket errors|unable' "$work/wrk")"
    sed -n 's/^Requests\/sec: *//p' "$work/wrk" | grep . || fail "port $1: $(tail -n 1 "$work/wrk")"
}

median() {
    sort -n "$1" | sed -n "$(((rounds + 1) / 2))p"
}

mkdir "$work/files" "$work/nginx"
head -c 1024 /dev/zero > "$work/files/1KiB"
head -c 1048576 /dev/zero > "$work/files/1MiB"
cat > "$work/nginx/conf" << CONF
daemon off;
worker_processes 1;
pid $work/nginx/pid;
error_log $work/nginx/error;
events { worker_connections 1024; }
http {
    access_log off;
    sendfile on;
    keepalive_requests 100000000;
    client_body_temp_path $work/nginx/body;
    proxy_temp_path $work/nginx/proxy;
    fastcgi_temp_path $work/nginx/fastcgi;
    uwsgi_temp_path $work/nginx/uwsgi;
    scgi_temp_path $work/nginx/scgi;
    server { listen 127.0.0.1:8002; root $work/files; }
}
CONF

serve "$work/http_server" 8001 "$work/files"
serve nginx -p "$work/nginx" -e "$work/nginx/error" -c "$work/nginx/conf"
for name in 1KiB 1MiB; do
    : > "$work/ours"
    : > "$work/theirs"
    for _ in $(seq "$rounds"); do
        rate 8001 "$name" >> "$work/ours" || exit 1
        rate 8002 "$name" >> "$work/theirs" || exit 1
    done
    echo "$name $(median "$work/ours") $(median "$work/theirs")"
done
