# SPDX-License-Identifier: LGPL-2.1-or-later
"""What physics allows CAT_TP on a link: octets take their time, round trips too, and a loss is known one round trip
later. Times are in seconds, rates in kbit/s of payload."""
import heapq
import os
import random
import re
import statistics

LINK_HEADER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../agent/session/cattp-link.h')


def pdu_max():
    """Octets of the largest PDU of the agent's sessions."""
    with open(LINK_HEADER, encoding='utf-8') as header:
        return int(re.search(r'^#define EA_CATTP_LINK_PDU_MAX (\d+)$', header.read(), re.MULTILINE).group(1))


RATE = {'A': 40000, 'B': 236000}  # bits a second
RTT = {'A': 0.6, 'B': 0.8}

DATAGRAM, CAT_TP, PDU_MAX = 28, 18, pdu_max()  # octets of the headers of IPv4 and UDP, and of CAT_TP; a whole PDU
HEADERS = DATAGRAM + CAT_TP
SYN, SYN_ACK = DATAGRAM + 23 + 16, DATAGRAM + 23  # with an EID

N_DRAWS = 2000


def serial_s(link, *packets):
    return sum(packets) * 8 / RATE[link]


def first_s(link, command):
    """Two round trips: SYN, SYN+ACK, ACK, and a command of so many octets behind it."""
    return 2 * RTT[link] + serial_s(link, SYN, SYN_ACK, HEADERS, HEADERS + command)


def exchange_s(link, command, response):
    """The same, and half a round trip for the response."""
    return first_s(link, command) + RTT[link] / 2 + serial_s(link, HEADERS + response)


def segments(payload, sdu):
    """Octets of data in each PDU."""
    sizes = []
    for begin in range(0, payload, sdu):
        left = min(sdu, payload - begin)
        while left > 0:
            sizes.append(min(left, PDU_MAX - CAT_TP))
            left -= sizes[-1]
    return sizes


def payload_rate(link, payload, sdu):
    """Of a link that is never idle and loses nothing."""
    sizes = segments(payload, sdu)
    return RATE[link] / 1e3 * payload / (payload + len(sizes) * HEADERS)


def draw_goodput(link, loss, sizes, rng):
    """Of a sender that always has something to send, and sends again what was lost as soon as it can be known."""
    ready = [(0, number) for number in range(len(sizes))]
    free, last = 0, 0
    while ready:
        due, number = heapq.heappop(ready)
        free = max(free, due) + serial_s(link, sizes[number] + HEADERS)
        if rng.random() < loss:
            heapq.heappush(ready, (free + RTT[link] + serial_s(link, HEADERS), number))
        else:
            last = max(last, free + RTT[link] / 2)
    return sum(sizes) * 8e-3 / last


def goodput(link, loss, payload, sdu, average=statistics.median):
    """From the sender's first octet to the receiver's last; @loss: a share"""
    rng = random.Random(1)
    sizes = segments(payload, sdu)
    return average([draw_goodput(link, loss, sizes, rng) for _ in range(N_DRAWS if loss > 0 else 1)])


def wire(link, loss, payload, sdu):
    """Octets that have to be sent for one of payload, without any acknowledgement."""
    return RATE[link] / 1e3 / payload_rate(link, payload, sdu) / (1 - loss)
