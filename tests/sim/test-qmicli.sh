#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Real qmicli on the simulated modem, directly and through the real qmi-proxy. Everything that is read
# by QMI is compared with what the simulator itself says.
#
# usage: test-qmicli.sh EUICC-SIM; exit status 77 where qmicli isn't installed
set -u

sim=$1
proxy=/usr/libexec/qmi-proxy
failures=0

if [ "${2-}" != inside ]
then
  command -v qmicli > /dev/null || exit 77
  # A private network namespace has a qmi-proxy of its own; the process namespace ends it with us.
  if unshare -nmpf --kill-child --mount-proc true 2> /dev/null
  then
    exec unshare -nmpf --kill-child --mount-proc "$0" "$sim" inside
  fi
  if unshare -Urnmpf --kill-child --mount-proc true 2> /dev/null
  then
    exec unshare -Urnmpf --kill-child --mount-proc "$0" "$sim" inside
  fi
  echo 'no namespaces here, so that a qmi-proxy of our own would meet others'
  exit 77
fi

work=$(mktemp -d) || exit 1
dir=$work/modem
: > "$work/ready" # the reader below may be faster than the one that writes
"$sim" --dir "$dir" > "$work/ready" 2> "$work/log" &
sim_pid=$!
# shellcheck disable=SC2064 # the values of now are meant
trap "kill $sim_pid 2> /dev/null; wait $sim_pid; rm -rf '$work'" EXIT

# The simulator's first line ends the wait; timeout is its deadline.
timeout 20 tail --pid="$sim_pid" -n +1 -f "$work/ready" 2> /dev/null | grep -q -m 1 '^ready$' || {
  echo '[  FAILED  ] simulator starts'
  cat "$work/log"
  exit 1
}

# member NAME: a string of the simulator's state
member ()
{
  "$sim" ctl "$dir" state | sed -n "s/^.*\"$1\":\"\([^\"]*\)\".*\$/\1/p"
}

# case SENTENCE EXPECTED ARGUMENT...: the output of qmicli contains EXPECTED
case_contains ()
{
  sentence=$1
  expected=$2
  shift 2
  if timeout 20 qmicli -d "$dir/cdc-wdm0" --device-open-qmi "$@" > "$work/out" 2>&1 &&
    grep -q -F -e "$expected" "$work/out"
  then
    echo "[       OK ] $sentence"
    return
  fi
  echo "[  FAILED  ] $sentence"
  sed 's/^/  /' "$work/out"
  failures=$((failures + 1))
}

# EF_ICCID has the digits of each byte swapped, and F behind an odd one (ETSI TS 102 221 13.2).
iccid_bytes ()
{
  digits=$("$sim" ctl "$dir" state | sed 's/^{"eid":"[^"]*","iccid":"\([0-9]*\)".*$/\1/')
  [ $((${#digits} % 2)) -eq 0 ] || digits=${digits}F
  echo "$digits" | sed 's/\(.\)\(.\)/\2\1:/g; s/:$//'
}

run_cases ()
{
  how=$1
  shift
  case_contains "qmicli reads the manufacturer $how" "'euicc-sim'" --dms-get-manufacturer "$@"
  case_contains "qmicli reads the IMEI of the state $how" "IMEI: '$(member imei)'" \
    --dms-get-ids "$@"
  case_contains "qmicli reads the versions of the services $how" 'cat2 (' \
    --get-service-version-info "$@"
  case_contains "qmicli sees a card $how" "Card state: 'present'" --uim-get-card-status "$@"
  case_contains "qmicli sees a ready application $how" "Application state: 'ready'" \
    --uim-get-card-status "$@"
  case_contains "qmicli reads the ICCID of the state $how" "$(iccid_bytes)" \
    --uim-read-transparent=0x3F00,0x2FE2 "$@"
  case_contains "qmicli is registered $how" "Registration state: 'registered'" \
    --nas-get-serving-system "$@"
  case_contains "qmicli reads the area of the state $how" "Tracking Area Code: '1'" \
    --nas-get-system-info "$@"
  case_contains "qmicli reads the cell of the state $how" "Global Cell ID: '1'" \
    --nas-get-cell-location-info "$@"
  case_contains "qmicli gets the default route of class 2 $how" "Storage Type: uim" \
    --wms-get-routes "$@"
}

run_cases 'directly'
if [ -x "$proxy" ]
then
  run_cases 'through qmi-proxy' -p
else
  echo "[  SKIPPED ] qmi-proxy isn't installed"
fi

if [ "$("$sim" ctl "$dir" state | grep -c '"clients":\[\]')" = 1 ]
then
  echo '[       OK ] qmicli leaves no client id behind'
else
  echo '[  FAILED  ] qmicli leaves no client id behind'
  failures=$((failures + 1))
fi

[ "$failures" -eq 0 ]
