# SPDX-License-Identifier: LGPL-2.1-or-later
"""CPU and memory of `euiccctl decode` over 1,000 items a kind; tshark reads the same proactive commands."""
import os
import shutil
import statistics
import struct
import subprocess
import tempfile

N_ITEMS = 1000
N_RUNS = 7
LENGTH_SIZE_MAX = 3
MIN_GOOD = 0.5  # some files have many items that are wrong on purpose
GOAL_US = 20
GOAL_GROWTH = 1.1
KINDS = {
    'proactive': 'proactive', 'terminal-response': 'terminal-response', 'envelope': 'envelope',
    'sms-deliver': 'sms-deliver', 'sms-submit': 'sms-submit', 'scp80-command': 'command-packet',
    'scp80-response': 'response-packet', 'cattp-pdu': 'cat-tp', 'comprehension-tlv': 'tlv',
}
# The keys of most packets that njiwa made
KEYS = ['[* scp80 1]', 'Kic=00112233445566778899aabbccddeeff', 'Kid=0f1e2d3c4b5a69788796a5b4c3d2e1f0']


def read_items(root, name):
    with open(os.path.join(root, 'tests', 'vectors', name + '.tsv'), encoding='utf-8') as file:
        return [line.split('\t')[2] for line in file.read().split('\n')[1:] if line]


def repeat(items, count):
    return [items[i % len(items)] for i in range(count)]


def run(argv, stdin_path):
    """CPU seconds and peak resident KiB of one run."""
    with open(stdin_path, 'rb') as stdin, open(os.devnull, 'wb') as null:
        process = subprocess.Popen(argv, stdin=stdin, stdout=null, stderr=null)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def check_decoded(argv, path):
    """A figure for items that are not understood would say nothing."""
    with open(path, 'rb') as stdin:
        output = subprocess.run(argv, stdin=stdin, stdout=subprocess.PIPE, check=False).stdout
    lines = output.splitlines()
    good = sum(not line.startswith(b'{"error"') for line in lines)
    if len(lines) != N_ITEMS or good < N_ITEMS * MIN_GOOD:
        raise SystemExit('%s: %d of %d items decoded' % (' '.join(argv), good, N_ITEMS))


def write_lines(directory, name, lines):
    path = os.path.join(directory, name)
    with open(path, 'w', encoding='ascii') as file:
        file.write('\n'.join(lines) + '\n')
    return path


def write_capture(directory, items):
    """The items as FETCH responses in GSMTAP over UDP, linktype IPv4, for tshark."""
    path = os.path.join(directory, 'items.pcap')
    with open(path, 'wb') as file:
        file.write(struct.pack('<IHHiIII', 0xA1B2C3D4, 2, 4, 0, 0, 65535, 228))
        for item in items:
            command = bytes.fromhex(item)
            payload = (bytes.fromhex('02040400') + bytes(12) + bytes.fromhex('80120000')
                       + bytes([len(command) & 0xFF]) + command + b'\x90\x00')
            udp = struct.pack('>HHHH', 4729, 4729, 8 + len(payload), 0) + payload
            packet = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                                 b'\x7f\0\0\1', b'\x7f\0\0\1') + udp
            file.write(struct.pack('<IIII', 0, 0, len(packet), len(packet)) + packet)
    return path


def measure_tshark(directory, items):
    """Microseconds of CPU an item, or None without tshark."""
    if shutil.which('tshark') is None:
        return None
    capture = write_capture(directory, items)
    seconds, _ = run(['tshark', '-n', '-r', capture, '-T', 'json'], os.devnull)
    return seconds / len(items) * 1e6


def measure_with_keys(directory, root, argv):
    """Microseconds an item of command packets that are verified and deciphered."""
    keys = write_lines(directory, 'keys', KEYS)
    packets = [item for item in read_items(root, 'scp80-command') if item[6:14] == '16391212']
    path = write_lines(directory, 'packets', repeat(packets, N_ITEMS))
    command = argv + ['--key-file=' + keys, 'command-packet', '-']
    check_decoded(command, path)
    return [run(command, path)[0] / N_ITEMS * 1e6 for _ in range(N_RUNS)]


def row(measure, values, unit, goal, against, peer):
    value = statistics.median(values)
    return dict(measure=measure, value=value, unit=unit, against=against if peer else None,
                ratio=value / peer if peer else None, goal='<= %g' % goal, holds=value <= goal,
                runs=len(values), min=min(values), max=max(values))


def choose_items(root, name):
    """Most recorded messages begin with their service centre's address: those are measured. Some rows of data
    objects are lengths alone."""
    items = read_items(root, name)
    if name.startswith('sms-'):
        items = [item for item in items if item[:2] in ('00', '07', '06')]
    if name == 'comprehension-tlv':
        items = [item for item in items if len(item) > 2 * LENGTH_SIZE_MAX]
    return repeat(items, N_ITEMS)


def measure(build, root):
    client = os.path.join(build, 'agent', 'ctl', 'euiccctl')
    argv = [client, '--json=short', 'decode']
    with tempfile.TemporaryDirectory() as directory:
        items = repeat(read_items(root, 'proactive'), N_ITEMS)
        tshark = measure_tshark(directory, items)
        empty = write_lines(directory, 'none', [])
        floor = statistics.median(run(argv + ['tlv', '-'], empty)[0] for _ in range(N_RUNS))
        for name, kind in KINDS.items():
            path = write_lines(directory, name, choose_items(root, name))
            command = argv + ['--smsc'] * name.startswith('sms-') + [kind, '-']
            check_decoded(command, path)
            runs = [run(command, path)[0] / N_ITEMS * 1e6 for _ in range(N_RUNS)]
            peer = ('tshark', tshark) if name == 'proactive' and tshark else \
                ('start and end alone', floor / N_ITEMS * 1e6)
            yield row('CPU an item, ' + kind, runs, 'us', GOAL_US, *peer)

        yield row('CPU an item, command-packet with keys', measure_with_keys(directory, root, argv), 'us',
                  GOAL_US, 'start and end alone', floor / N_ITEMS * 1e6)
        short = write_lines(directory, 'short', items)
        long = write_lines(directory, 'long', repeat(items, 20 * N_ITEMS))
        small = statistics.median(run(argv + ['proactive', '-'], short)[1] for _ in range(N_RUNS))
        growth = [run(argv + ['proactive', '-'], long)[1] / small for _ in range(3)]
        yield row('peak memory, 20,000 / 1,000 items', growth, 'x', GOAL_GROWTH, '1,000 items', 1)
