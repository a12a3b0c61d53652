#!/usr/bin/env bash
# What `docker build` and `docker run --read-only` do, without docker: the Dockerfile's own uv commands in an empty folder
# with nothing but what .dockerignore lets in, then the result alone, as user 10001, who can write to /data and /tmp only.
#
#   deploy/prove-image.sh        as root; PYTHON=/usr/bin/python3.13 takes another Python
set -euo pipefail
cd "$(dirname "$0")/.."
ROOT=$PWD
[ "$(id -u)" = 0 ] || { echo "Needs root: it becomes user 10001." >&2; exit 2; }

as_user() { setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs "$@"; }

PYTHON=${PYTHON:-$(for p in /usr/local/bin/python3 /usr/bin/python3.13 /usr/bin/python3.12 /usr/bin/python3.11 /usr/bin/python3; do
  as_user "$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$p"; break; }
done)}
[ -n "$PYTHON" ] || { echo "No Python 3.11 or later that user 10001 may run." >&2; exit 2; }
UV=$("$PYTHON" -c 'from tools.uv import find_uv; print(find_uv())')

SCRATCH=$(mktemp -d /var/tmp/sampark-image-XXXXXX)
SERVER=
finish() {
  [ -z "$SERVER" ] || kill "$SERVER" 2>/dev/null || true
  rm -rf "$SCRATCH"
}
trap finish EXIT
chmod 755 "$SCRATCH"
mkdir "$SCRATCH/app" "$SCRATCH/data" "$SCRATCH/home"

echo "== build: the context that .dockerignore lets in, and the Dockerfile's uv commands"
mapfile -t steps < <(sed -n 's/^ *\(uv sync .*\)$/\1/p' Dockerfile)
[ "${#steps[@]}" = 2 ] || { echo "The Dockerfile has not the two uv commands that this script knows." >&2; exit 1; }
export UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PYTHON=$PYTHON UV_SYSTEM_CERTS=1
unset VIRTUAL_ENV UV_PROJECT_ENVIRONMENT
cd "$SCRATCH/app"
cp "$ROOT/uv.lock" "$ROOT/pyproject.toml" .
uv() { "$UV" --quiet "${@}"; }
eval "${steps[0]}"
sed -n 's/^!//p' "$ROOT/.dockerignore" | while read -r entry; do
  [ ! -e "$ROOT/$entry" ] || cp -r "$ROOT/$entry" .
done
eval "${steps[1]}"

echo "== final stage: only the environment stays"
find . -mindepth 1 -maxdepth 1 ! -name .venv -exec rm -rf {} +
chmod -R a-w,a+rX .venv
chown 10001:10001 "$SCRATCH/data"
chmod 700 "$SCRATCH/data"

PORT=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
ENVIRONMENT=(env -i PATH="$SCRATCH/app/.venv/bin:/usr/bin:/bin" PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
  HOST=0.0.0.0 PORT="$PORT" SAMPARK_DATA_DIR="$SCRATCH/data" HOME=/nonexistent)
LOG=$SCRATCH/home/log
answers() { "${ENVIRONMENT[@]}" python -c "
import os, urllib.request as r
r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['PORT'] + '$1', timeout=4)" 2>/dev/null; }

echo "== run: as user 10001, in the data folder, everything else read-only"
cd "$SCRATCH/data"
# A mount namespace makes the whole system read-only, as --read-only does; where that is refused, the user's rights have to do.
READ_ONLY=()
if unshare --mount true 2>/dev/null; then
  # shellcheck disable=SC2016 # expanded inside
  READ_ONLY=(unshare --mount sh -c 'mount --bind "$0" "$0" && mount -t tmpfs tmpfs /tmp && mount -o remount,bind,ro / && exec "$@"' "$SCRATCH/data")
  "${READ_ONLY[@]}" true 2>/dev/null || READ_ONLY=()
fi
[ "${#READ_ONLY[@]}" -gt 0 ] || echo "   (no read-only mount here: only the user's missing rights stand in for it)"
"${READ_ONLY[@]}" setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs "${ENVIRONMENT[@]}" sampark serve >"$LOG" 2>&1 &
SERVER=$!
for _ in $(seq 300); do
  answers /healthz && break
  kill -0 "$SERVER" 2>/dev/null || break
  sleep 0.1
done
for path in /healthz /readyz /login; do
  answers "$path" || { echo "$path did not answer; the server said:" >&2; cat "$LOG" >&2; exit 1; }
  echo "   $path answers"
done

echo "== stop: SIGTERM, exit code 0 within 10 s"
BEGAN=$SECONDS
kill -TERM "$SERVER"
CODE=0
wait "$SERVER" || CODE=$?
SERVER=
[ "$CODE" = 0 ] && [ $((SECONDS - BEGAN)) -le 10 ] || { echo "Exit code $CODE after $((SECONDS - BEGAN)) s." >&2; cat "$LOG" >&2; exit 1; }
! find "$SCRATCH/app" -newer "$LOG" -type f | grep . || { echo "It wrote into its own folder." >&2; exit 1; }
echo "The image's steps hold."
