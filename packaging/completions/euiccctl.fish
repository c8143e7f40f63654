# SPDX-License-Identifier: LGPL-2.1-or-later
# fish completion of euiccctl

# The EIDs that the agent sees, on the bus that the command line names.
function __euiccctl_eids
    set -l bus (string match -- '--bus=*' (commandline -opc))
    euiccctl $bus --json=short list 2>/dev/null | string replace -a ',' \n | string replace -a '{' \n |
        string replace -fr '^ *"[Ee]id" *: *"([0-9A-Fa-f]*)".*' '$1'
end

set -l verbs status list show channels monitor check-config decode

complete -c euiccctl -f
complete -c euiccctl -l json -x -a 'short pretty off' -d 'Print JSON'
complete -c euiccctl -l bus -x -a 'system session' -d 'Bus to use'
complete -c euiccctl -l form -x -a 'sms cat-tp ber comprehension' -d 'decode: framing'
complete -c euiccctl -l key-file -r -F -d 'decode: keys of secured packets'
complete -c euiccctl -l smsc -d 'decode: a service centre address comes first'
complete -c euiccctl -l version -d 'Print the version'
complete -c euiccctl -l help -d 'Print a help text'

complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a status -d 'What the agent does'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a list -d 'One line for each eUICC'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a show -d 'All about one eUICC'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a channels -d 'Data channels that are open'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a monitor -d 'Print changes as they come'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a check-config -d 'Look for mistakes'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a decode -d 'What bytes say'

complete -c euiccctl -n '__fish_seen_subcommand_from show' -a '(__euiccctl_eids)' -d EID
complete -c euiccctl -n '__fish_seen_subcommand_from check-config' -F
complete -c euiccctl -n '__fish_seen_subcommand_from decode' -a '(euiccctl decode help 2>/dev/null | string replace -r " +" \t)'
