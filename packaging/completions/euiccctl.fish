# SPDX-License-Identifier: LGPL-2.1-or-later
# fish completion of euiccctl

# The EIDs that the agent sees, on the bus that the command line names.
function __euiccctl_eids
    set -l bus (string match -- '--bus=*' (commandline -opc))
    euiccctl $bus --json=short list 2>/dev/null | string replace -a ',' \n | string replace -a '{' \n |
        string replace -fr '^ *"[Ee]id" *: *"([0-9A-Fa-f]*)".*' '$1'
end

# The sessions that the agent shows.
function __euiccctl_sessions
    set -l bus (string match -- '--bus=*' (commandline -opc))
    euiccctl $bus --json=short sessions 2>/dev/null | string replace -a ',' \n | string replace -a '{' \n |
        string replace -fr '^ *"path" *: *".*/(Session/[0-9]*)".*' '$1'
end

set -l verbs status list show channels sessions open-session cancel history monitor metrics reload check-config decode

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
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a sessions -d 'The agent\'s own sessions'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a open-session -d 'Have the agent open one'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a cancel -d 'End a session'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a history -d 'What has happened'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a metrics -d 'Counters and states for collectors'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a reload -d 'Read configuration and keys again'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a monitor -d 'Print changes as they come'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a check-config -d 'Look for mistakes'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a decode -d 'What bytes say'

complete -c euiccctl -n '__fish_seen_subcommand_from show' -a '(__euiccctl_eids)' -d EID
complete -c euiccctl -n '__fish_seen_subcommand_from open-session' -a 'auto https cat-tp' -d transport
complete -c euiccctl -n '__fish_seen_subcommand_from open-session' -a '(__euiccctl_eids)' -d EID
complete -c euiccctl -n '__fish_seen_subcommand_from open-session' -l host -x -d 'The server'
complete -c euiccctl -n '__fish_seen_subcommand_from open-session' -l port -x -d 'Its port'
complete -c euiccctl -n '__fish_seen_subcommand_from open-session' -l uri -x -d 'Of the first request'
complete -c euiccctl -n '__fish_seen_subcommand_from open-session' -l interface -x -d 'Network interface'
complete -c euiccctl -n '__fish_seen_subcommand_from open-session' -l timeout -x -d 'Seconds of silence'
complete -c euiccctl -n '__fish_seen_subcommand_from open-session' -l wait -d 'Until it ends'
complete -c euiccctl -n '__fish_seen_subcommand_from cancel' -a '(__euiccctl_sessions)' -d session
complete -c euiccctl -n '__fish_seen_subcommand_from history' -l since -x -a '1h 1d 1w' -d 'Nothing that is older'
complete -c euiccctl -n '__fish_seen_subcommand_from history' -l limit -x -d 'The newest only'
complete -c euiccctl -n '__fish_seen_subcommand_from metrics' -l openmetrics -d 'Types as OpenMetrics has them'
complete -c euiccctl -n '__fish_seen_subcommand_from check-config' -F
complete -c euiccctl -n '__fish_seen_subcommand_from decode' -a '(euiccctl decode help 2>/dev/null | string replace -r " +" \t)'
