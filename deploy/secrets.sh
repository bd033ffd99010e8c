#!/bin/sh
# Makes a random password for each database on first start, readable by the services (group 65532) and by PostgreSQL (999).
set -eu
umask 027
for name in control target-admin shop; do
    file="/secrets/$name"
    if [ ! -s "$file" ]; then
        head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$file"
    fi
    chown 999:65532 "$file"
    chmod 440 "$file"
done
chmod 755 /secrets
