# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion of euiccctl

# What the agent has, on the bus that the command line names: EIDs or sessions. Silent, and quick, when there is no agent.
_euiccctl_candidates ()
{
  local program=$1 kind=$2 bus=$3
  "$program" ${bus:+"--bus=$bus"} _candidates "$kind" 2>/dev/null | cut -f1
}

# The words of the line up to the cursor, the last one as far as it is typed: bash itself takes "--bus=unix:path=/x" apart.
_euiccctl ()
{
  local line=${COMP_LINE:0:COMP_POINT}
  local program=$1 cur='' option='' verb='' candidates='' bus='' word i
  local -a words=() arguments=()

  read -ra words <<<"$line"
  case $line in
  *[[:blank:]]) ;;
  *)
    cur=${words[-1]//[\"\']/}
    unset 'words[-1]'
    ;;
  esac

  for ((i = 1; i < ${#words[@]}; i++)); do
    word=${words[i]//[\"\']/}
    if [ -n "$option" ]; then
      [ "$option" != --bus ] || bus=$word
      option=''
      continue
    fi
    case $word in
    --bus=*) bus=${word#*=} ;;
    --bus | --json | --form | --key-file | --host | --port | --cat-tp-port | --uri | --interface | --timeout | \
      --since | --limit) option=$word ;;
    -?*) ;;
    *) if [ -z "$verb" ]; then verb=$word; else arguments+=("$word"); fi ;;
    esac
  done
  case $cur in
  --*=*)
    option=${cur%%=*}
    cur=${cur#*=}
    ;;
  esac

  case $option,$verb,$cur in
  --json,*) candidates='short pretty off' ;;
  --bus,*) candidates='system session' ;;
  --form,*) candidates='sms cat-tp ber comprehension' ;;
  --since,*) candidates='1h 1d 1w' ;;
  --interface,*) candidates=$(ls /sys/class/net) ;;
  --host,*) candidates=$(compgen -A hostname -- "$cur") ;;
  --key-file,* | ,check-config,[!-]* | ,check-config,)
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    compopt -o filenames 2>/dev/null
    return
    ;;
  --*) ;;
  ,open-session,-*)
    candidates='--host= --port= --cat-tp-port= --uri= --interface= --timeout= --wait --json= --bus='
    ;;
  ,history,-*) candidates='--since= --limit= --json= --bus=' ;;
  ,metrics,-*) candidates='--openmetrics --bus=' ;;
  ,decode,-*) candidates='--form= --key-file= --smsc --json=' ;;
  *,-*) candidates='--json= --bus= --version --help' ;;
  ,,*)
    candidates='status list show channels sessions open-session cancel history monitor metrics rescan reload check-config decode'
    ;;
  ,open-session,*)
    case ${#arguments[@]},${arguments[0]-} in
    0,*) candidates="auto https cat-tp $(_euiccctl_candidates "$program" euiccs "$bus")" ;;
    1,auto | 1,https | 1,cat-tp) ;;
    1,*) candidates='auto https cat-tp' ;;
    esac
    ;;
  ,show,* | ,rescan,*)
    [ ${#arguments[@]} -gt 0 ] || candidates=$(_euiccctl_candidates "$program" euiccs "$bus")
    ;;
  ,cancel,*) [ ${#arguments[@]} -gt 0 ] || candidates=$(_euiccctl_candidates "$program" sessions "$bus") ;;
  ,decode,*) [ ${#arguments[@]} -gt 0 ] || candidates=$("$program" decode help 2>/dev/null | cut -d' ' -f1) ;;
  esac

  mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$cur")
  case ${COMPREPLY[0]-} in
  *=) compopt -o nospace 2>/dev/null ;;
  esac
}

complete -F _euiccctl euiccctl
