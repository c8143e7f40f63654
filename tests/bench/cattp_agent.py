# SPDX-License-Identifier: LGPL-2.1-or-later
"""cattp_agent.py BUILD LINK: from OpenSession to the first APDU in HTTPS sessions of the agent over the link, whose name
servers it has asked before. In the network namespace that it is started in; prints a JSON list of milliseconds."""
import json
import sys

import https
import rig

N_RUNS = 3
NAME = 'smsr.example.com'
TTL_S = 3600


def main():
    build, link = sys.argv[1:]
    with rig.simulator(build, '--isdr=plain', '--link', link) as sim:
        state = json.loads(sim.list('state')[0])
        address = state['smsr']['address']
        https.ask(sim, 'dns %s %s --ttl %d' % (NAME, address, TTL_S))
        bearer = '[bearer]\nInterface=%s\n' % state['link']['interface']
        config = '[sm-sr]\nHost=%s\nPort=%d\nDnsServers=%s:%d\n' % (NAME, state['smsr']['https'], address,
                                                                   state['smsr']['dns'])
        with rig.agent(build, sim, https.KEYS, config=config, bearer=bearer) as agent:
            https.first_apdu_s(agent, sim)
            print(json.dumps([https.first_apdu_s(agent, sim) * 1000 for _ in range(N_RUNS)]))


main()
