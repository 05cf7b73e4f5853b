#!/bin/sh
# The first process in a sandbox's namespaces: gives the program its own /opt/ml, /tmp, /etc/hosts and host name, runs it,
# passes SIGTERM on to it, and ends with its exit code (128 + n for signal n). When this process ends, the kernel ends all
# others of the namespace.
#
# usage: sandbox_init.sh STAGE OPT_ML TMP|- HOSTS HOST_NAME PROGRAM ARGUMENT...
set -e
trap 'exit 143' TERM
stage=$1 opt_ml=$2 tmp=$3 hosts=$4 host_name=$5
shift 5

# /opt of our own, with the machine's entries in it, so that /opt/ml need not exist on the machine.
mkdir -p "$stage"
mount --rbind /opt "$stage"
mount -t tmpfs -o mode=755 tmpfs /opt
for entry in "$stage"/*; do
    name=${entry##*/}
    [ "$name" = ml ] && continue
    if [ -d "$entry" ]; then
        mkdir "/opt/$name"
        mount --rbind "$entry" "/opt/$name"
    elif [ -e "$entry" ]; then
        : > "/opt/$name"
        mount --bind "$entry" "/opt/$name"
    fi
done
mkdir /opt/ml
mount --bind "$opt_ml" /opt/ml
mount --bind "$hosts" /etc/hosts
if [ "$tmp" != - ]; then
    # What jobs share must be seen where it is, also when that is below the machine's /tmp.
    case ${SAGECRAFT_ENVIRONMENTS_DIR:-} in
        /tmp/*)
            mkdir -p "$tmp/${SAGECRAFT_ENVIRONMENTS_DIR#/tmp/}"
            mount --bind "$SAGECRAFT_ENVIRONMENTS_DIR" "$tmp/${SAGECRAFT_ENVIRONMENTS_DIR#/tmp/}"
            ;;
    esac
    mount --rbind "$tmp" /tmp
fi
hostname "$host_name"
[ "$PWD" != "$opt_ml" ] || cd /opt/ml

set +e
"$@" &
program=$!
exec 2> /dev/null # the shell's own words on how the program ended are none of its log
trap 'kill -TERM "$program" 2>/dev/null' TERM
while :; do
    wait "$program"
    code=$?
    kill -0 "$program" 2>/dev/null || exit "$code"
done
