#!/bin/bash
# Installs the idle stop. Runs at every start of the notebook instance, because a start resets all but ~/SageMaker.
# A failure fails the start, visibly: without the idle stop the instance would cost money for as long as it is forgotten.
(
set -euo pipefail
idle_seconds=@IDLE_SECONDS@
options="@OPTIONS@"
prefix=${IDLE_STOP_PREFIX:-}
program=$prefix/usr/local/sbin/sagecraft-idle-check.py
state=$prefix/var/lib/sagecraft-idle-stop
log=$prefix/var/log/jupyter.log # SageMaker sends it to CloudWatch Logs
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin

mkdir -p "${program%/*}" "${state%/*}" "${log%/*}"
cat >"$program" <<'END_OF_PROGRAM'
@PROGRAM@
END_OF_PROGRAM
touch "$state" # the start of the instance is its first activity

python=
for candidate in "$(command -v python3 || true)" /usr/bin/python3 /home/ec2-user/anaconda3/bin/python /opt/conda/bin/python; do
    if [ -x "$candidate" ] && "$candidate" -c 'import json, ssl, sys; sys.exit(sys.version_info < (3, 7))'; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "idle stop: no Python 3.7 or newer found" >&2
    exit 1
fi
command="$python $program --idle-seconds $idle_seconds --state $state$options >>$log 2>&1"

interval=$((idle_seconds / 4))
if [ "$interval" -gt 300 ]; then interval=300; fi

if command -v systemctl >/dev/null && [ -d "$prefix/run/systemd/system" ]; then
    units=$prefix/etc/systemd/system
    mkdir -p "$units"
    cat >"$units/sagecraft-idle-stop.service" <<END_OF_SERVICE
[Unit]
Description=Stop this notebook instance when nobody works on it

[Service]
Type=oneshot
Environment=HOME=/root
TimeoutStartSec=900
ExecStart=/bin/sh -c 'exec $command'
END_OF_SERVICE
    cat >"$units/sagecraft-idle-stop.timer" <<END_OF_TIMER
[Unit]
Description=Look every $interval seconds whether somebody works on this notebook instance

[Timer]
OnActiveSec=$interval
OnUnitInactiveSec=$interval
AccuracySec=15

[Install]
WantedBy=timers.target
END_OF_TIMER
    systemctl daemon-reload
    systemctl enable sagecraft-idle-stop.timer
    systemctl restart sagecraft-idle-stop.timer
elif [ -d "$prefix/etc/cron.d" ]; then
    minutes=$((interval / 60))
    if [ "$minutes" -lt 1 ]; then minutes=1; fi
    printf 'SHELL=/bin/sh\nHOME=/root\n*/%s * * * * root %s\n' "$minutes" "$command" >"$prefix/etc/cron.d/sagecraft-idle-stop"
    service crond start || true # where it already runs, that is an error
else
    echo "idle stop: this image has neither systemd nor cron" >&2
    exit 1
fi
echo "idle stop: stops after $idle_seconds seconds without activity"
)
idle_stop_status=$?
if [ "$idle_stop_status" -ne 0 ]; then exit "$idle_stop_status"; fi
