# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is on the disk: programs without debugging symbols, and the libraries that they need.

A library costs only the first who brings it: what systemd's and D-Bus' daemons load is there anyway, and counts for
nobody. The agent is beside ModemManager as a rule, so that what the latter loads (its plugins included) is there as
well, and is subtracted once more from what the agent alone brings in. Where the two are compared, ModemManager's
plugins and what they load are not counted. A file counts with all its bytes; libraries that the agent loads on demand
(agent/demand.h) and theirs count as well, since they have to be installed."""
import glob
import os
import shutil
import subprocess
import tempfile

import idle
import peers

BASE = ('lib/systemd/systemd', 'lib/systemd/systemd-journald', 'lib/systemd/systemd-logind', 'bin/udevadm',
        'bin/dbus-daemon')
PREFIXES = ('/usr/', '/')
LDCONFIG = '/sbin/ldconfig'
ON_DEMAND = ('libgnutls.so.30', 'libmm-glib.so.0')
PLUGINS = 'usr/lib/*/ModemManager/*.so'


def libraries(paths):
    """All that they load, as real paths."""
    found = set()
    for path in paths:
        lines = subprocess.run(['ldd', path], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
        found |= {os.path.realpath(line.split()[2]) for line in lines if '=> /' in line}
    return found


def find_base():
    """Where each is, by name; None for what is not there."""
    return {name: next((prefix + name for prefix in PREFIXES if os.path.exists(prefix + name)), None) for name in BASE}


def find_on_demand():
    """As the linker finds them, by name; None for what is not there."""
    lines = subprocess.run([LDCONFIG, '-p'], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    found = {line.split()[0]: line.split()[-1] for line in reversed(lines) if '=> /' in line}
    return {name: os.path.realpath(found[name]) if name in found else None for name in ON_DEMAND}


def size_of(paths):
    return sum(os.path.getsize(path) for path in paths)


def stripped_size(path):
    with tempfile.TemporaryDirectory() as directory:
        made = os.path.join(directory, 'stripped')
        subprocess.run(['strip', '-o', made, path], check=True)
        return os.path.getsize(made)


def root_of(program, inside):
    """Where a package is unpacked."""
    return program[:-len(inside)] if program.endswith(inside) else '/'


def measure_programs(agent, peer_programs, client):
    for name, path in peer_programs.items():
        yield idle.row('program: agent', [stripped_size(agent)], 'B', None, name, [stripped_size(path)])
    yield idle.row('program: agent', [stripped_size(agent)], 'B')
    yield idle.row('program: client', [stripped_size(client)], 'B')


def measure(build, _root):
    if shutil.which('strip') is None:
        yield peers.skipped('size', 'strip')
        return
    agent, client = (os.path.join(build, path) for path in ('agent/euicc-agentd', 'agent/ctl/euiccctl'))
    manager, ofono = peers.find_modem_manager(build), peers.find_ofono(build)
    for name, path in (('ModemManager', manager), ('oFono', ofono)):
        if path is None:
            yield peers.skipped('size', name)
    programs = {name: path for name, path in (('ModemManager, no plugins', manager), ('oFono', ofono)) if path}
    yield from measure_programs(agent, programs, client)
    yield from measure_libraries(agent, programs, manager)


def measure_libraries(agent, programs, manager):
    base_files, later_files = find_base(), find_on_demand()
    missing = [name for name, path in {**base_files, **later_files}.items() if path is None]
    if missing:
        yield peers.skipped('libraries', ', '.join(missing))
        return
    base, later = libraries(base_files.values()), later_files.values()
    theirs = {name: libraries([path]) for name, path in programs.items()}
    mine = libraries([agent, *later]) | set(later)
    for name, loaded in theirs.items():
        yield idle.row('libraries beside systemd\'s and D-Bus\': agent', [size_of(mine - base)], 'B', None, name,
                       [size_of(loaded - base)])
    if manager:
        plugins = glob.glob(os.path.join(root_of(manager, peers.MODEM_MANAGER[1:]), PLUGINS))
        present = base | libraries([manager, *plugins])
        yield idle.row('the same, where ModemManager is: agent', [size_of(mine - present)], 'B')
        yield idle.row('of those: ' + (', '.join(sorted(os.path.basename(path).split('.so')[0]
                                                        for path in mine - present)) or 'none'),
                       [len(mine - present)], '')
