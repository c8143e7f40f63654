# SPDX-License-Identifier: LGPL-2.1-or-later
# fish completion of euiccctl

# What the agent has, on the bus that the command line names: EIDs or sessions. Silent, and quick, when there is no agent.
function __euiccctl_candidates
    set -l words (commandline -opc)
    set -l bus (string match -- '--bus=*' $words)
    if set -l place (contains -i -- --bus $words)
        set bus --bus=$words[(math $place + 1)]
    end
    $words[1] $bus _candidates $argv[1] 2>/dev/null
end

# How many words that are no options come before the one that is completed, without the command itself
function __euiccctl_has_words
    set -l line (commandline -opc)
    set -l words (string match -v -- '-*' $line)
    # The values of options are words of their own after a blank.
    set -l values (string match -r -- '^--(bus|json|form|key-file|host|port|cat-tp-port|uri|interface|timeout|since|limit)$' $line)
    test (count $words) -eq (math $argv[1] + 1 + (count $values) / 2)
end

set -l verbs status list show channels sessions open-session cancel history monitor metrics rescan reload check-config decode

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
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a rescan -d 'Have the card read anew'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a monitor -d 'Print changes as they come'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a check-config -d 'Look for mistakes'
complete -c euiccctl -n "not __fish_seen_subcommand_from $verbs" -a decode -d 'What bytes say'

complete -c euiccctl -n '__fish_seen_subcommand_from show rescan; and __euiccctl_has_words 1' -a '(__euiccctl_candidates euiccs)'
complete -c euiccctl -n '__fish_seen_subcommand_from open-session; and not __fish_seen_subcommand_from auto https cat-tp' -a 'auto https cat-tp' -d transport
complete -c euiccctl -n '__fish_seen_subcommand_from open-session; and __euiccctl_has_words 1' -a '(__euiccctl_candidates euiccs)'
complete -c euiccctl -n '__fish_seen_subcommand_from open-session' -l host -x -a '(__fish_print_hostnames)' -d 'The server'
complete -c euiccctl -n '__fish_seen_subcommand_from open-session' -l port -x -d 'Its port'
complete -c euiccctl -n '__fish_seen_subcommand_from open-session' -l cat-tp-port -x -d 'Its port of CAT_TP'
complete -c euiccctl -n '__fish_seen_subcommand_from open-session' -l uri -x -d 'Of the first request'
complete -c euiccctl -n '__fish_seen_subcommand_from open-session' -l interface -x -a '(ls /sys/class/net)' -d 'Network interface'
complete -c euiccctl -n '__fish_seen_subcommand_from open-session' -l timeout -x -d 'Seconds of silence'
complete -c euiccctl -n '__fish_seen_subcommand_from open-session' -l wait -d 'Until it ends'
complete -c euiccctl -n '__fish_seen_subcommand_from cancel; and __euiccctl_has_words 1' -a '(__euiccctl_candidates sessions)'
complete -c euiccctl -n '__fish_seen_subcommand_from history' -l since -x -a '1h 1d 1w' -d 'Nothing that is older'
complete -c euiccctl -n '__fish_seen_subcommand_from history' -l limit -x -d 'The newest only'
complete -c euiccctl -n '__fish_seen_subcommand_from metrics' -l openmetrics -d 'Types as OpenMetrics has them'
complete -c euiccctl -n '__fish_seen_subcommand_from check-config' -F
complete -c euiccctl -n '__fish_seen_subcommand_from decode; and __euiccctl_has_words 1' -a '(euiccctl decode help 2>/dev/null | string replace -r " +" \t)'
