#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may talk to the agent, and who may change something: decided by a bus with the installed policy, for callers
under users of their own, with a polkit that says what the test wants and with the real one."""
import contextlib
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import gi

gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
NAME = 'org.euicc.Agent1'
ROOT = '/org/euicc/Agent1'
EUICC = ROOT + '/Euicc/0'
MANAGER = NAME + '.Manager'
ERROR = NAME + '.Error.'
DEADLINE_S = 60
CHECKS_MAX = 64  # EA_AUTHORITY_CHECKS_MAX
CALLER_MAX = 4  # EA_AUTHORITY_CALLER_MAX
GROUP = 'games'  # in the place of euicc, which a machine need not have
MEMBER = ['setpriv', '--reuid=nobody', '--regid=nogroup', '--groups=' + GROUP]
STRANGER = ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups']
POLKITD = '/usr/lib/polkit-1/polkitd'

# What Debian's system.conf says, and the service's own file; polkit and its agent are root's here.
BUS_CONFIG = '''<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=%(directory)s/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
    <allow own="org.freedesktop.PolicyKit1"/>
    <allow send_destination="org.freedesktop.PolicyKit1"/>
    <allow send_interface="org.freedesktop.PolicyKit1.AuthenticationAgent"/>
  </policy>
  <policy user="root">
    <allow send_type="method_call"/>
  </policy>
  <include>%(directory)s/agent.conf</include>
</busconfig>
'''

POLKIT_XML = '''<node><interface name="org.freedesktop.PolicyKit1.Authority">
<method name="CheckAuthorization">
 <arg type="(sa{sv})" direction="in"/><arg type="s" direction="in"/><arg type="a{ss}" direction="in"/>
 <arg type="u" direction="in"/><arg type="s" direction="in"/><arg type="(bba{ss})" direction="out"/>
</method>
<method name="CancelCheckAuthorization"><arg type="s" direction="in"/></method>
</interface></node>'''


def await_that(is_met, what):
    """Runs the main loop until the condition is met, which is looked at again after 10 ms."""
    end = time.monotonic() + DEADLINE_S
    source = GLib.timeout_add(10, lambda: GLib.SOURCE_CONTINUE)
    try:
        while not is_met():
            if time.monotonic() > end:
                raise AssertionError('in vain: ' + what)
            GLib.MainContext.default().iteration(True)
    finally:
        GLib.source_remove(source)


def expect(actual, expected):
    if actual != expected:
        raise AssertionError('%r, not %r' % (actual, expected))


class Polkit:
    """Answers as it is told: (authorized, challenge), or nothing until answer() or a cancellation."""

    def __init__(self, connection):
        self.connection = connection
        self.verdict = (False, False)
        self.asked = []  # (kind of subject, action, flags)
        self.held = {}  # by the name of the check
        self.cancelled = []
        node = Gio.DBusNodeInfo.new_for_xml(POLKIT_XML)
        self.object = connection.register_object('/org/freedesktop/PolicyKit1/Authority', node.interfaces[0],
                                                 self.on_call, None, None)
        self.is_named = False
        self.name = Gio.bus_own_name_on_connection(connection, 'org.freedesktop.PolicyKit1',
                                                   Gio.BusNameOwnerFlags.NONE, self.on_named, None)
        await_that(lambda: self.is_named, 'the name of polkit')

    def on_named(self, connection, name):
        self.is_named = True

    def answer(self, invocation, verdict):
        invocation.return_value(GLib.Variant('((bba{ss}))', ((verdict[0], verdict[1], {}),)))

    def on_call(self, connection, sender, path, interface, method, parameters, invocation):
        if method == 'CancelCheckAuthorization':
            name = parameters.unpack()[0]
            self.cancelled.append(name)
            self.held.pop(name).return_dbus_error('org.freedesktop.PolicyKit1.Error.Cancelled', 'cancelled')
            invocation.return_value(None)
            return
        subject, action, details, flags, name = parameters.unpack()
        self.asked.append((subject[0], action, flags))
        if self.verdict is None:
            self.held[name] = invocation
        else:
            self.answer(invocation, self.verdict)

    def stop(self):
        Gio.bus_unown_name(self.name)
        self.connection.unregister_object(self.object)


class Scene:
    """A bus, a simulated modem, the agent, and a connection of root's."""

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        try:
            self.start()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *reason):
        self.stack.close()

    def spawn(self, command, **options):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
        self.stack.callback(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE_S)

    def start_bus(self):
        with open(os.path.join(SOURCE, 'dbus/org.euicc.Agent1.conf')) as file:
            policy = file.read().replace('group="euicc"', 'group="%s"' % GROUP)
        expect(policy.count('group="%s"' % GROUP), 1)
        for name, text in (('agent.conf', policy), ('bus.conf', BUS_CONFIG % vars(self))):
            with open(os.path.join(self.directory, name), 'w') as file:
                file.write(text)
        bus = self.spawn(['dbus-daemon', '--nofork', '--nopidfile', '--print-address',
                          '--config-file=%s/bus.conf' % self.directory], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True)
        bus.stdout.readline()
        self.stack.callback(bus.stdout.close)
        self.address = 'unix:path=%s/bus' % self.directory
        self.connection = Gio.DBusConnection.new_for_address_sync(
            self.address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
            Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.stack.callback(self.connection.close_sync, None)

    def start_agent(self):
        os.mkdir(self.directory + '/keys')
        with open(self.directory + '/keys/keys', 'w') as file:
            file.write('[* scp81 40]\nPsk=404142434445464748494A4B4C4D4E4F\n')
        with open(self.directory + '/agent.ini', 'w') as file:
            file.write('[bearer]\nInterface=lo\n')
        self.spawn([os.environ['EA_TEST_AGENT'], '--bus=' + self.address, '--config=' + self.directory + '/agent.ini',
                    '--state-directory=' + self.directory + '/state', '--device=' + self.directory + '/modem/cdc-wdm0'],
                   stderr=subprocess.DEVNULL, env=dict(os.environ, CREDENTIALS_DIRECTORY=self.directory + '/keys'))

    def start(self):
        self.directory = tempfile.mkdtemp(prefix='euicc-admission-')
        self.stack.callback(shutil.rmtree, self.directory, True)
        os.chmod(self.directory, 0o755)
        self.start_bus()
        simulator = self.spawn([os.environ['EA_TEST_SIMULATOR'], '--dir', self.directory + '/modem'],
                               stdout=subprocess.PIPE, text=True)
        expect(simulator.stdout.readline(), 'ready\n')
        self.stack.callback(simulator.stdout.close)
        self.start_agent()
        await_that(lambda: self.get_state() == 'ready', 'an eUICC that is ready')

    def get_state(self):
        try:
            return self.connection.call_sync(NAME, EUICC, 'org.freedesktop.DBus.Properties', 'Get',
                                             GLib.Variant('(ss)', (NAME + '.Euicc', 'State')), None, 0, -1,
                                             None).unpack()[0]
        except GLib.Error:
            return None

    def begin(self, who, command):
        return subprocess.Popen(who + command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, start_new_session=True)

    def begin_arguments(self, path, method, *arguments, may_ask=False):
        return (['gdbus', 'call', '--address', self.address, '--timeout', str(DEADLINE_S)] + ['--interactive'] * may_ask +
                ['--dest', NAME, '--object-path', path, '--method', NAME + '.' + method] + list(arguments))

    def begin_call(self, who, *arguments, may_ask=False):
        return self.begin(who, self.begin_arguments(*arguments, may_ask=may_ask))

    def ask(self, who, *command):
        return self.finish(self.begin(who, [command[0], '--address=' + self.address] + list(command[1:])))

    def finish(self, process):
        """What it said; the main loop runs meanwhile, as polkit may be asked."""
        await_that(lambda: process.poll() is not None, 'an answer')
        with process.stdout:
            return process.stdout.read().strip()

    def call(self, who, *arguments, may_ask=False):
        """The answer, or the name of the error and its sentence."""
        answer = self.finish(self.begin_call(who, *arguments, may_ask=may_ask))
        match = re.match(r'Error: GDBus\.Error:(\S+): (.*)', answer)
        return (match.group(1), match.group(2)) if match else answer


OPEN = (EUICC, 'Euicc.OpenSession', 'https', '{}')
RESCAN = (EUICC, 'Euicc.Rescan')
RELOAD = (ROOT, 'Manager.Reload')
HISTORY = (ROOT, 'Manager.GetHistory', '0', '1')
DONE = '()'
NO_HISTORY = '(@aa{sv} [],)'


def deny(action, why=''):
    return (ERROR + 'NotAuthorized', 'The action org.euicc.agent1.%s is not permitted%s' % (action, why))


def test_stranger_sees_and_does_nothing(scene):
    for arguments in (OPEN, RESCAN, RELOAD, HISTORY):
        expect(scene.call(STRANGER, *arguments)[0], 'org.freedesktop.DBus.Error.AccessDenied')
    seen = scene.ask(STRANGER, 'busctl', 'get-property', NAME, EUICC, NAME + '.Euicc', 'Eid')
    assert 'Access denied' in seen, seen
    seen = scene.ask(STRANGER, 'busctl', 'tree', NAME)
    assert 'Euicc/' not in seen, seen
    seen = scene.ask(STRANGER, 'busctl', 'call', 'org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus',
                     'RequestName', 'su', NAME, '4')
    assert 'Access denied' in seen, seen


def test_stranger_hears_no_signal(scene):
    heard = []
    listener = scene.begin(STRANGER, ['gdbus', 'monitor', '--address', scene.address, '--dest', NAME])
    expect('Monitoring signals' in listener.stdout.readline(), True)
    witness = scene.connection.signal_subscribe(
        NAME, 'org.freedesktop.DBus.Properties', 'PropertiesChanged', EUICC, None, 0,
        lambda connection, sender, path, interface, name, parameters: heard.append(parameters.unpack()[1].get('State')))
    expect(scene.call([], *RESCAN), DONE)
    await_that(lambda: 'ready' in heard, 'signals for root')
    scene.connection.signal_unsubscribe(witness)
    Scene.end(listener)
    with listener.stdout:
        expect('Euicc/' in listener.stdout.read(), False)


def test_root_needs_no_polkit(scene):
    expect(scene.call([], *RELOAD), DONE)
    expect(scene.call([], *HISTORY), NO_HISTORY)
    expect(scene.call([], *OPEN)[0], ERROR + 'InvalidArgument')  # there is no host, and nobody was asked
    expect(scene.call([], *RESCAN), DONE)
    await_that(lambda: scene.get_state() == 'ready', 'an eUICC that is ready again')


def test_member_looks_but_does_nothing_without_polkit(scene):
    expect(scene.call(MEMBER, *HISTORY), NO_HISTORY)
    eid = scene.ask(MEMBER, 'busctl', 'get-property', NAME, EUICC, NAME + '.Euicc', 'Eid')
    assert re.fullmatch('s "[0-9]{32}"', eid), eid
    expect(scene.call(MEMBER, *RELOAD), deny('reload', ': without polkit only root may do that'))


@contextlib.contextmanager
def polkit_of(scene):
    polkit = Polkit(scene.connection)
    try:
        yield polkit
    finally:
        polkit.stop()


def test_each_method_has_its_action(scene):
    with polkit_of(scene) as polkit:
        for arguments, action in ((OPEN, 'open-session'), (RESCAN, 'rescan'), (RELOAD, 'reload')):
            expect(scene.call(MEMBER, *arguments), deny(action))
        expect(scene.call(MEMBER, *HISTORY), NO_HISTORY)
        expect(polkit.asked, [('system-bus-name', 'org.euicc.agent1.' + action, 0)
                              for action in ('open-session', 'rescan', 'reload')])


def test_session_is_cancelled_by_who_may(scene):
    expect(scene.call([], EUICC, 'Euicc.OpenSession', 'https', '{"host": <"192.0.2.1">}'),
           "(objectpath '%s/Session/0',)" % ROOT)
    with polkit_of(scene) as polkit:
        expect(scene.call(MEMBER, ROOT + '/Session/0', 'Session.Cancel'), deny('cancel-session'))
        polkit.verdict = (True, False)
        expect(scene.call(MEMBER, ROOT + '/Session/0', 'Session.Cancel'), DONE)
        expect(polkit.asked, [('system-bus-name', 'org.euicc.agent1.cancel-session', 0)] * 2)


def test_permission_is_asked_for_each_time(scene):
    with polkit_of(scene) as polkit:
        polkit.verdict = (True, False)
        expect(scene.call(MEMBER, *RELOAD), DONE)
        polkit.verdict = (False, False)
        expect(scene.call(MEMBER, *RELOAD), deny('reload'))


def test_refusal_says_nothing_of_what_would_be(scene):
    with polkit_of(scene):
        for transport in ('https', 'pigeon', 'x' * 10000):
            expect(scene.call(MEMBER, EUICC, 'Euicc.OpenSession', transport, '{}'), deny('open-session'))


def test_password_is_asked_for_where_the_caller_allows_it(scene):
    with polkit_of(scene) as polkit:
        polkit.verdict = (False, True)
        expect(scene.call(MEMBER, *RELOAD), deny('reload', ' without a password'))
        polkit.verdict = (True, False)
        expect(scene.call(MEMBER, *RELOAD, may_ask=True), DONE)
        expect([flags for subject, action, flags in polkit.asked], [0, 1])


def test_caller_who_leaves_is_not_asked_any_more(scene):
    with polkit_of(scene) as polkit:
        polkit.verdict = None
        caller = scene.begin_call(MEMBER, *RELOAD, may_ask=True)
        await_that(lambda: polkit.held, 'a question to polkit')
        names = list(polkit.held)
        caller.kill()
        scene.finish(caller)
        await_that(lambda: polkit.cancelled, 'a cancellation')
        expect(polkit.cancelled, names)
        expect(scene.call([], *RELOAD), DONE)


def test_polkit_that_leaves_has_permitted_nothing(scene):
    with polkit_of(scene) as polkit:
        polkit.verdict = None
        caller = scene.begin_call(MEMBER, *RELOAD, may_ask=True)
        await_that(lambda: polkit.held, 'a question to polkit')
        for invocation in polkit.held.values():
            invocation.return_dbus_error('org.freedesktop.DBus.Error.NoReply', 'polkit is gone')
        assert 'polkit does not answer' in scene.finish(caller)


def test_as_many_wait_for_polkit_as_are_told(scene):
    with polkit_of(scene) as polkit:
        polkit.verdict = None
        callers = [scene.begin_call(MEMBER, *RELOAD) for i in range(CHECKS_MAX)]
        await_that(lambda: len(polkit.held) == CHECKS_MAX, 'as many questions')
        expect(scene.call(MEMBER, *RELOAD), (ERROR + 'LimitExceeded',
                                             'Too many calls wait for polkit: try again later'))
        expect(scene.call([], *RELOAD), DONE)
        for invocation in polkit.held.values():
            polkit.answer(invocation, (True, False))
        for caller in callers:
            expect(scene.finish(caller), DONE)


# The real polkit

RULES = '''polkit.addAdminRule(function (action, subject) { return ["unix-user:0"]; });
polkit.addRule(function (action, subject) {
  if (action.id == "org.euicc.agent1.reload" && subject.user == "nobody") return polkit.Result.YES;
  if (action.id == "org.euicc.agent1.rescan" && subject.isInGroup("nogroup")) return polkit.Result.NO;
});
'''

# In a mount namespace of its own, which sees the product's actions and the test's rules
REAL_POLKIT = '''mount --make-rprivate / && mkdir -p /run/polkit-1 &&
mount --bind "$1/rules" /etc/polkit-1/rules.d && mount --bind "$1/actions" /usr/share/polkit-1/actions &&
exec %s --no-debug''' % POLKITD

AGENT_XML = '''<node><interface name="org.freedesktop.PolicyKit1.AuthenticationAgent">
<method name="BeginAuthentication"><arg type="s" direction="in"/><arg type="s" direction="in"/>
 <arg type="s" direction="in"/><arg type="a{ss}" direction="in"/><arg type="s" direction="in"/>
 <arg type="a(sa{sv})" direction="in"/></method>
<method name="CancelAuthentication"><arg type="s" direction="in"/></method>
</interface></node>'''


def start_real_polkit(scene):
    os.mkdir(scene.directory + '/rules')
    os.mkdir(scene.directory + '/actions')
    with open(scene.directory + '/rules/00-test.rules', 'w') as file:
        file.write(RULES)
    shutil.copy(os.path.join(SOURCE, 'dbus/org.euicc.agent1.policy'), scene.directory + '/actions')
    scene.spawn(['unshare', '--mount', 'sh', '-c', REAL_POLKIT, 'sh', scene.directory],
                env=dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=scene.address),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    await_that(lambda: scene.connection.call_sync(
        'org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'NameHasOwner',
        GLib.Variant('(s)', ('org.freedesktop.PolicyKit1',)), None, 0, -1, None).unpack()[0], 'the real polkit')


class Person:
    """Who sits before a process and knows root's password, or does not: polkit's agent for it."""

    def __init__(self, connection, pid, knows):
        self.connection = connection
        self.knows = knows
        self.messages = []
        node = Gio.DBusNodeInfo.new_for_xml(AGENT_XML)
        self.object = connection.register_object('/person', node.interfaces[0], self.on_call, None, None)
        with open('/proc/%d/stat' % pid) as file:
            start_time = int(file.read().rpartition(')')[2].split()[19])
        process = ('unix-process', {'pid': GLib.Variant('u', pid), 'start-time': GLib.Variant('t', start_time)})
        self.tell('RegisterAuthenticationAgent', GLib.Variant('((sa{sv})ss)', (process, 'C', '/person')))

    def tell(self, method, parameters):
        self.connection.call_sync('org.freedesktop.PolicyKit1', '/org/freedesktop/PolicyKit1/Authority',
                                  'org.freedesktop.PolicyKit1.Authority', method, parameters, None, 0, -1, None)

    def on_call(self, connection, sender, path, interface, method, parameters, invocation):
        action, message, icon, details, cookie, identities = parameters.unpack()
        self.messages.append(message)
        if self.knows:
            root = ('unix-user', {'uid': GLib.Variant('u', 0)})
            self.tell('AuthenticationAgentResponse2', GLib.Variant('(us(sa{sv}))', (0, cookie, root)))
        invocation.return_value(None)


def call_before(scene, knows, *arguments):
    """The answer to a member's call with a person before it, and what that was asked."""
    call = ' '.join(scene.begin_arguments(*arguments, may_ask=True))
    process = subprocess.Popen(MEMBER + ['sh', '-c', 'read line; exec ' + call], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    person = Person(scene.connection, process.pid, knows)
    process.stdin.write('go\n')
    process.stdin.close()
    answer = scene.finish(process)
    scene.connection.unregister_object(person.object)
    return answer, person.messages


def test_real_polkit_permits_and_refuses(scene):
    if not os.path.exists(POLKITD):
        return 'there is no polkitd'
    start_real_polkit(scene)
    expect(scene.call([], *RELOAD), DONE)
    expect(scene.call(MEMBER, *RELOAD), DONE)
    expect(scene.call(MEMBER, *RESCAN), deny('rescan'))
    expect(scene.call(MEMBER, *OPEN), deny('open-session', ' without a password'))


def test_real_polkit_asks_for_a_password(scene):
    if not os.path.exists(POLKITD):
        return 'there is no polkitd'
    start_real_polkit(scene)
    asked = ['Authentication is required to open a session of the eUICC with its remote manager']
    answer, messages = call_before(scene, False, *OPEN)
    expect(messages, asked)
    assert 'Error.NotAuthorized' in answer, answer
    answer, messages = call_before(scene, True, *OPEN)
    expect(messages, asked)
    assert 'Error.InvalidArgument' in answer, answer  # there is no host: it was carried out


def test_client_asks_for_the_password_on_its_terminal(scene):
    if not os.path.exists(POLKITD):
        return 'there is no polkitd'
    start_real_polkit(scene)
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ['DBUS_SYSTEM_BUS_ADDRESS'] = scene.address
        os.execvp(MEMBER[0], MEMBER + [os.environ['EA_TEST_CLIENT'], '--bus=' + scene.address, 'open-session', 'https'])
    os.set_blocking(terminal, False)
    shown = bytearray()

    def has_asked():
        try:
            shown.extend(os.read(terminal, 4096))
        except BlockingIOError:
            pass
        except OSError:  # it has ended
            raise AssertionError(shown.decode()) from None
        return shown.endswith(b'Password: ')

    await_that(has_asked, 'the question')
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(terminal)
    assert b'Authentication is required to open a session of the eUICC' in shown, shown


CALLS = '''import sys
from gi.repository import Gio, GLib
connection = Gio.DBusConnection.new_for_address_sync(sys.argv[1], Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
                                                     Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
loop = GLib.MainLoop()
def on_answer(connection, result):
    try:
        connection.call_finish(result)
    except GLib.Error as error:
        print(Gio.DBusError.get_remote_error(error))
        loop.quit()
for i in range(int(sys.argv[2])):
    connection.call("org.euicc.Agent1", "/org/euicc/Agent1", "org.euicc.Agent1.Manager", "Reload", None, None, 0, -1, None,
                    on_answer)
loop.run()
'''


def test_one_caller_leaves_room_for_others(scene):
    with polkit_of(scene) as polkit:
        polkit.verdict = None
        caller = scene.begin(MEMBER, ['/usr/bin/python3', '-c', CALLS, scene.address, str(CALLER_MAX + 1)])
        expect(scene.finish(caller), ERROR + 'LimitExceeded')
        await_that(lambda: len(polkit.cancelled) == CALLER_MAX, 'cancellations')
        expect(scene.call([], *RELOAD), DONE)


def main():
    failed = 0
    for name, test in list(globals().items()):
        if not name.startswith('test_'):
            continue
        print('[ RUN      ]', name, flush=True)
        try:
            with Scene() as scene:
                reason = test(scene)
            print('[  SKIPPED ]' if reason else '[       OK ]', name, flush=True)
        except Exception as error:  # whatever it is, the next test is run
            failed += 1
            print('%s: %s\n[  FAILED  ] %s' % (type(error).__name__, error, name), flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
