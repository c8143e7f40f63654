# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion of euiccctl

# The EIDs that the agent sees, on the bus that the command line names.
_euiccctl_eids ()
{
  euiccctl "$@" --json=short list 2>/dev/null | tr ',{' '[\n*]' |
    sed -n 's/^ *"[Ee]id" *: *"\([0-9A-Fa-f]*\)".*/\1/p'
}

# The sessions that the agent shows.
_euiccctl_sessions ()
{
  euiccctl "$@" --json=short sessions 2>/dev/null | tr ',{' '[\n*]' |
    sed -n 's/^ *"path" *: *".*\/\(Session\/[0-9]*\)".*/\1/p'
}

_euiccctl ()
{
  local cur=${COMP_WORDS[COMP_CWORD]} option='' verb='' candidates=''
  local -a bus=()
  local i

  # bash takes "--json=short" apart into three words.
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
    =) ;;
    --bus | --json | --form | --key-file | --host | --port | --cat-tp-port | --uri | --interface | --timeout | --since | --limit)
      option=${COMP_WORDS[i]}
      [ "${COMP_WORDS[i + 1]}" != = ] || i=$((i + 1))
      ((i + 1 < COMP_CWORD)) || break
      i=$((i + 1))
      [ "$option" != --bus ] || bus=("--bus=${COMP_WORDS[i]}")
      option=''
      ;;
    -*) ;;
    *) [ -n "$verb" ] || verb=${COMP_WORDS[i]} ;;
    esac
  done
  [ "$cur" != = ] || cur=''

  case $option,$verb,$cur in
  --json,*) candidates='short pretty off' ;;
  --bus,*) candidates='system session' ;;
  --form,*) candidates='sms cat-tp ber comprehension' ;;
  --since,*) candidates='1h 1d 1w' ;;
  --interface,*) candidates=$(ls /sys/class/net) ;;
  --host,* | --port,* | --cat-tp-port,* | --uri,* | --timeout,* | --limit,*) ;;
  ,open-session,-*) candidates='--host= --port= --cat-tp-port= --uri= --interface= --timeout= --wait --json= --bus=' ;;
  ,history,-*) candidates='--since= --limit= --json= --bus=' ;;
  ,metrics,-*) candidates='--openmetrics --bus=' ;;
  ,decode,-*) candidates='--form= --key-file= --smsc --json=' ;;
  *,-*) candidates='--json= --bus= --version --help' ;;
  ,,*) candidates='status list show channels sessions open-session cancel history monitor metrics reload check-config decode' ;;
  ,open-session,*) candidates="auto https cat-tp $(_euiccctl_eids "${bus[@]}")" ;;
  ,cancel,*) candidates=$(_euiccctl_sessions "${bus[@]}") ;;
  ,decode,*) candidates=$(euiccctl decode help 2>/dev/null | cut -d" " -f1) ;;
  ,show,*) candidates=$(_euiccctl_eids "${bus[@]}") ;;
  ,check-config,* | --key-file,*)
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    compopt -o filenames
    return
    ;;
  esac

  mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$cur")
  case ${COMPREPLY[0]-} in
  *=) compopt -o nospace ;;
  esac
}

complete -F _euiccctl euiccctl
