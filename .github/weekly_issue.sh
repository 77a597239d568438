#!/usr/bin/env bash
# Keep one issue open while the weekly check fails: open it, add to it, close it when all is well.
set -euo pipefail

label=weekly-check
results="cold rebuild on the newest versions: $NEWEST
links to elsewhere: $LINKS
launch of every page: $LAUNCH

$RUN"
open="$(gh issue list --label "$label" --state open --limit 1 --json number --jq '.[].number')"

if [ "$NEWEST $LINKS $LAUNCH" = "success success success" ]; then
    [ -z "$open" ] || gh issue close "$open" --comment "All is well again.

$results"
elif [ -n "$open" ]; then
    gh issue comment "$open" --body "$results"
else
    gh label create "$label" --force --description "What breaks by itself"
    gh issue create --title "The weekly check fails" --label "$label" --body "$results"
fi
