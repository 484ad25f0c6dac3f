# Runs a PostgreSQL server until its standard input ends, then stops it and removes its folder. The input ends with
# the process that holds the other side, however that ends.
# usage: sh guardian.sh FOLDER BIN [COMMAND THAT RUNS ANOTHER AS A USER…]
folder=$1
bin=$2
shift 2
make() {
    # A file `primary` names the folder of the server to follow.
    if [ -f "$folder/primary" ]; then
        "$@" "$bin/pg_basebackup" --host="$(cat "$folder/primary")" --username=postgres --pgdata="$folder/data" \
            --write-recovery-conf --checkpoint=fast --no-sync
    else
        "$@" "$bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 --no-locale \
            --no-sync
    fi
}
make "$@" &&
    "$@" "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c max_connections=300 \
        -c fsync=off -c full_page_writes=off -c autovacuum=off -c shared_buffers=64MB \
        $(cat "$folder/settings") </dev/null &
server=$!
while read -r _; do :; done
# The list above runs in a shell of its own, whose child the server is.
if [ -f "$folder/data/postmaster.pid" ]; then
    kill -INT "$(head -n 1 "$folder/data/postmaster.pid")"
else
    kill "$server"
fi
wait "$server"
# A server that was restarted is no child of this shell.
while [ -f "$folder/data/postmaster.pid" ] && kill -0 "$(head -n 1 "$folder/data/postmaster.pid")" 2>/dev/null; do
    sleep 0.05
done
rm -rf -- "$folder"
