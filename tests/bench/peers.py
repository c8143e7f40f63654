# SPDX-License-Identifier: LGPL-2.1-or-later
"""ModemManager, oFono and qmi-proxy as Debian packages them, each on a bus of its own, so that none is this machine's.

ModemManager is found where tests/system/with-modem-manager puts it; there it has a simulated modem as well.
"""
import contextlib
import json
import os
import subprocess
import tempfile
import time

import rig

HERE = os.path.dirname(os.path.abspath(__file__))
SYSTEM = os.path.join(os.path.dirname(HERE), 'system')
INSIDE = os.path.join(SYSTEM, 'with-modem-manager')
MODEM_MANAGER = '/usr/sbin/ModemManager'
MODEM_MANAGER_NAME = 'org.freedesktop.ModemManager1'
OFONO = 'usr/sbin/ofonod'
PROXY = '/usr/libexec/qmi-proxy'
PORT = '/dev/cdc-wdm0'
EVENTS = 'action=add,subsystem=usbmisc,name=cdc-wdm0\naction=add,subsystem=net,name=wwan0\n'
SETTLED_S = 0.5
SKIPPED = 77


def fetch(package, program, directory):
    """Where the program is; None where it is not to be had."""
    done = subprocess.run([os.path.join(SYSTEM, 'fetch-package'), package, program, directory],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        return None
    return next(path for path in ('/' + program, os.path.join(directory, program)) if os.access(path, os.X_OK))


def find_modem_manager(build):
    return fetch('modemmanager', MODEM_MANAGER[1:], os.path.join(build, 'modem-manager'))


def find_ofono(build):
    return fetch('ofono', OFONO, os.path.join(build, 'ofono'))


def skipped(measure, peer, why='is not to be had'):
    """The row of a peer that is not there."""
    return dict(measure='%s: %s %s, skipped' % (measure, peer, why), value=None, unit='', against=None,
                ratio=None, goal=None, holds=None, runs=0, min=None, max=None)


def run_inside(script, build):
    """The rows that a script beside this one makes where ModemManager can be; without that, where it cannot."""
    build = os.path.abspath(build)
    find_modem_manager(build)
    find_ofono(build)  # there is no network inside
    argv = ['python3', os.path.join(HERE, script), build]
    environment = dict(os.environ, EA_TEST_MODEM_MANAGER=os.path.join(build, 'modem-manager'))
    for command in ([INSIDE] + argv, argv):
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=False)
        if done.returncode != SKIPPED:
            break
    if done.returncode != 0:
        raise SystemExit('%s: exit status %d' % (script, done.returncode))
    return [json.loads(line) for line in done.stdout.splitlines()]


def await_settled(process):
    """Until it does nothing for a while."""
    deadline = time.monotonic() + rig.DEADLINE_S
    cpu_ns = None
    while cpu_ns != process.cpu_ns():
        if time.monotonic() > deadline:
            raise SystemExit('process %d: not idle within %d s' % (process.pid, rig.DEADLINE_S))
        cpu_ns = process.cpu_ns()
        time.sleep(SETTLED_S)


@contextlib.contextmanager
def bus():
    """Its address; it has nobody's policy."""
    with open(os.devnull, 'w', encoding='ascii') as null, \
            rig.process_at(['dbus-daemon', '--session', '--nofork', '--nopidfile', '--print-address=1'],
                           null) as process:
        yield process.read_line()


@contextlib.contextmanager
def service(argv, environment=None):
    """A process on a bus of its own that is the system's to it."""
    with bus() as address, open(os.devnull, 'w', encoding='ascii') as null, \
            rig.process_at(argv, null, dict({'DBUS_SYSTEM_BUS_ADDRESS': address}, **(environment or {}))) as process:
        process.bus = address
        yield process


@contextlib.contextmanager
def idle_service(*argv):
    with service(argv) as process:
        await_settled(process)
        yield process


@contextlib.contextmanager
def mounted(path):
    subprocess.run(['mount', '--bind', os.path.realpath(path), PORT], check=True)
    try:
        yield
    finally:
        subprocess.run(['umount', '--lazy', PORT], check=True)


def has_modem(address):
    """Whether ModemManager has made one of the port, and is through with that."""
    modem = subprocess.run(['mmcli', '-m', 'any', '-J'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                           env=dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=address), check=False)
    states = ('disabled', 'enabled', 'registered', 'connected')
    return modem.returncode == 0 and json.loads(modem.stdout)['modem']['generic']['state'] in states


@contextlib.contextmanager
def modem_manager(sim):
    """With the simulator's modem, and with qmi-proxy (as .proxy) between them."""
    with mounted(sim.port), tempfile.TemporaryDirectory() as directory, \
            open(os.devnull, 'w', encoding='ascii') as null, \
            rig.process_at([PROXY, '--no-exit'], null) as proxy, \
            service([MODEM_MANAGER, '--no-auto-scan', '--test-no-udev',
                     '--initial-kernel-events=' + rig.write_file(directory, 'events', EVENTS)]) as process:
        process.proxy = proxy
        rig.await_true('ModemManager has a modem', lambda: has_modem(process.bus))
        await_settled(process)
        yield process
