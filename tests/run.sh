#!/usr/bin/env bash
# The one command that passes the tests: installs, builds, checks the format, runs every suite, and closes with one line of counts.
#   tests/run.sh          what a commit must pass
#   tests/run.sh --long   the same with the long runs (fuzzing, a million sessions)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  "") ;;
  --long) export TOKENSERVICE_LONG=1 ;;
  *) echo "usage: tests/run.sh [--long]" >&2; exit 2 ;;
esac

for tool in dotnet node npm; do
  if ! command -v "$tool" > /dev/null; then
    echo "$tool is not installed: the .NET 10 SDK builds, and Node 20 or newer bundles the sample's page and runs clients that the endpoint is tested with." >&2
    exit 1
  fi
done

# What some tests drive: a browser, and programs that make SAML responses. Where one is missing, its test is named after that.
missing=()
command -v chromium > /dev/null || command -v chromium-browser > /dev/null || command -v google-chrome > /dev/null || missing+=(chromium)
command -v xmlsec1 > /dev/null || missing+=(xmlsec1)
/usr/bin/python3 -c 'import saml2' 2> /dev/null || python3 -c 'import saml2' 2> /dev/null || missing+=(python3-pysaml2)
if [[ "${#missing[@]}" -gt 0 ]]; then
  if [[ "$(id -u)" -eq 0 ]] && command -v apt-get > /dev/null; then
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "${missing[@]}"; } > /dev/null ||
      echo "These could not be installed, and the tests that need them do nothing: ${missing[*]}" >&2
  else
    echo "These are missing, and there is no right to install them; the tests that need them do nothing: ${missing[*]}" >&2
  fi
fi

dotnet restore TokenService.sln
(cd tests/TokenService.Conformance/Clients && npm ci)
dotnet build TokenService.sln --configuration Release --no-restore
dotnet format TokenService.sln --no-restore --verify-no-changes

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0
dotnet test TokenService.sln --configuration Release --no-build --logger trx --results-directory "$results" || status=$?

count() { cat "$results"/*.trx | grep -o '<Counters [^>]*' | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'; }
passed=$(count passed)
failed=$(count failed)
if [[ "$passed" -eq 0 ]]; then
  echo "No test was executed." >&2
  status=1
fi
echo "$passed passed, $failed failed"
exit "$status"
