#!/bin/sh
# Prints how many records each filter of this folder finds. Needs a server, curl, and a token in $TOKEN:
#   TOKEN=sl_pat_… examples/filters/count.sh [http://127.0.0.1:8080]
set -eu
server=${1:-http://127.0.0.1:8080}
for file in "$(dirname "$0")"/*.json; do
    name=$(basename "$file" .json)
    printf '%-40s ' "$name"
    curl --fail --silent --show-error "$server/api/v1/operations/prospects/${name%%-*}/count" \
        -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' --data "@$file" |
        sed 's/.*"totalElements":\([0-9]*\).*/\1/'
    echo
done
