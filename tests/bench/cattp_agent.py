# SPDX-License-Identifier: LGPL-2.1-or-later
"""cattp_agent.py BUILD LINK: from OpenSession to the first APDU in sessions of the agent over the link, whose name
servers it has asked before. In the network namespace that it is started in; prints a JSON object with a list of
milliseconds for each transport."""
import json
import sys

import https
import rig

N_RUNS = 3
TRANSPORTS = ('https', 'cat-tp')
CAT_TP_PORT = 0x0929
NAME = 'smsr.example.com'
TTL_S = 3600


def main():
    build, link = sys.argv[1:]
    with rig.simulator(build, '--isdr=plain', '--link', link) as sim:
        state = json.loads(sim.list('state')[0])
        address = state['smsr']['address']
        https.ask(sim, 'dns %s %s --ttl %d' % (NAME, address, TTL_S))
        bearer = '[bearer]\nInterface=%s\n' % state['link']['interface']
        config = ('[sm-sr]\nHost=%s\nPort=%d\nCatTpPort=%d\nCatTpUdpPort=%d\nDnsServers=%s:%d\n'
                  % (NAME, state['smsr']['https'], CAT_TP_PORT, state['smsr']['cat_tp'], address, state['smsr']['dns']))
        with rig.agent(build, sim, https.KEYS, config=config, bearer=bearer) as agent:
            https.first_apdu_s(agent, sim)
            print(json.dumps({transport: [https.first_apdu_s(agent, sim, transport) * 1000 for _ in range(N_RUNS)]
                              for transport in TRANSPORTS}))


main()
