# Runs a ClickHouse server until its standard input ends, then stops it and removes its folder, unless a file `keep`
# in it says that it starts again. The input ends with the process that holds the other side, however that ends.
# usage: sh guardian.sh FOLDER
folder=$1
clickhouse-server --config-file="$folder/config.xml" </dev/null &
server=$!
while read -r _; do :; done
# At once, as after a crash: what was answered is on its disk.
kill -KILL "$server"
wait "$server"
[ -f "$folder/keep" ] || rm -rf -- "$folder"
