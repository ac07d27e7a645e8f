#!/usr/bin/env bash
# Runs every suite (a folder of tests/), two at a time, and prints how long each took. Arguments go to pytest.

set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export PYTHONPATH="$PWD/src"

# One database server for all suites: making one costs more than some suites do.
if [ -z "${XIANJI_TEST_DSN:-}" ]; then
  exec .venv/bin/python -m tests.server tools/test.sh "$@"
fi

# The longest begin, so that none of them is left alone at the end.
FIRST='browser web host refunds stories orders items'

suites() {
  local suite
  printf '%s\n' $FIRST
  for suite in tests/*/; do
    suite="$(basename "$suite")"
    [[ " $FIRST " == *" $suite "* ]] || [ -z "$(find "tests/$suite" -name 'test_*.py' -print -quit)" ] || echo "$suite"
  done
}

# What a suite says comes in one piece, when it has ended.
run_suite() {
  local suite="$1" start=$SECONDS verdict=ok
  shift
  .venv/bin/python -m pytest -m 'not soak' "tests/$suite" "$@" >"$LOGS/$suite.log" 2>&1 || verdict=FAILED
  printf '%-14s %4d s  %s\n' "$suite" "$((SECONDS - start))" "$verdict" >>"$LOGS/summary"
  flock "$LOGS" sh -c "printf '\n== %s\n' '$suite'; cat '$LOGS/$suite.log'"
}
export -f run_suite

LOGS="$(mktemp -d)"
export LOGS
trap 'rm -rf "$LOGS"' EXIT
begun=$SECONDS
suites | xargs -P 2 -I SUITE bash -c 'run_suite "$@"' run_suite SUITE "$@"

printf '\n'
cat "$LOGS/summary"
printf '%-14s %4d s\n' 'all' "$((SECONDS - begun))"
! grep -q FAILED "$LOGS/summary"
