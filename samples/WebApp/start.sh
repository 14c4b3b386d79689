#!/usr/bin/env bash
# Starts the identity provider and the application, and stops both together.
#   samples/WebApp/start.sh [PAGE STS PROVIDER]     three addresses on 127.0.0.1, where the sample's own are taken
# With CONFIGURATION set, that build is run as it is; otherwise one is made.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

page=${1:-http://127.0.0.1:5090}
sts=${2:-http://127.0.0.1:5091}
provider=${3:-http://127.0.0.1:5092}
if [[ -z "${CONFIGURATION:-}" ]]; then
  CONFIGURATION=Release
  dotnet build --configuration "$CONFIGURATION" --verbosity quiet
fi

node identity-provider.mjs "$provider" "$page/" < /dev/null &
provider_id=$!
dotnet "bin/$CONFIGURATION/net10.0/WebApp.dll" --page "$page" --sts "$sts" --provider "$provider" &
application_id=$!
trap 'kill "$provider_id" "$application_id" 2> /dev/null || true' EXIT

# Whichever ends first, ends the other.
wait -n
