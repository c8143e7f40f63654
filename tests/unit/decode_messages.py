# SPDX-License-Identifier: LGPL-2.1-or-later
"""Short messages, secured packets and what is in them: each published member beside our key for it."""
import re

from decode_rows import at, compare_table, in_table, is_true, number, octets, same, upper, value

# --- short messages ------------------------------------------------------------------------------------


def sms_options(row, expected):
    """What rows say of their items in words: whether the address of the service centre comes first."""
    is_first = 'SMSC' in (expected.peek('note') or '') or 'smsc_included' in expected
    return ('--smsc',) if is_first or row.startswith(('mm-', 'ofono-')) else ()


def iso_time(text):
    """ModemManager's zone of hours alone as our zone of hours and minutes."""
    return re.sub(r'([+-]\d\d)$', r'\1:00', text.replace('Z', '+00:00'))


def stamp_time(text):
    """The octets of a time stamp, or oFono's words, as our time; the octets where they are no time."""
    match = re.fullmatch(r'(\d\d)-(\d\d)-(\d\d) ([\d:]+) tz\+(\d+)q', text)
    if match:
        year, month, day, time, quarters = match.groups()
        return '20%s-%s-%sT%s+%02d:%02d' % (year, month, day, time, int(quarters) // 4,
                                            int(quarters) % 4 * 15)
    parts = [text[i + 1] + text[i] for i in range(0, len(text), 2)]
    if int(parts[1]) > 12 or int(parts[3]) > 23 or int(parts[4]) > 59:
        return text.upper()
    return '20%s-%s-%sT%s:%s:%s+00:00' % tuple(parts[:6]) if parts[6] == '00' else text.upper()


def header_octets(actual):
    """Our user data header in octets, TS 23.040 §9.2.3.24."""
    elements = ''.join('%02X%02X%s' % (element['iei'], len(element['data']) // 2, element['data'])
                       for element in actual.get('udh', []))
    return '%02X%s' % (len(elements) // 2, elements)


def get_address(actual):
    return actual.get('originator') or actual.get('destination') or {}


def plus_number(address):
    address = address or {}
    return ('+' if address.get('ton') == 1 else '') + str(address.get('digits'))


def relative_validity(octet):
    """TS 23.040 §9.2.3.12.1: from 168 on in days."""
    return (number(octet) - 166) * 24 * 60 * 60


def as_number(thing):
    return thing if isinstance(thing, int) else number(thing)


MESSAGE_KINDS = {0: 'sms-deliver', 1: 'sms-submit', '0': 'sms-deliver', '1': 'sms-submit'}

MESSAGE = [
    ('tshark_sms.mti', 'kind', MESSAGE_KINDS.get), ('mti', 'kind', MESSAGE_KINDS.get),
    ('tshark_sms.oa', 'originator.digits', same), ('tshark_sms.da', 'destination.digits', same),
    ('tshark_sms.pid', 'pid', int), ('tshark_sms.dcs', 'dcs', int), ('tshark_sms.udl', 'user_data_length', int),
    ('tp_oa', 'originator.digits', same), ('tp_pid', 'pid', number), ('tp_dcs', 'dcs', number),
    ('pid', 'pid', as_number), ('udl', 'user_data_length', same),
    ('mr', 'reference', same), ('da', 'destination.digits', same), ('text', 'text', same),
    ('lp', 'loop_prevention', same), ('mms', 'more_messages', lambda is_set: not is_set),
    ('rp', 'reply_path', same), ('sri', 'status_report', same), ('srr', 'status_report', same),
    ('rd', 'reject_duplicates', same), ('vpf', 'validity.format', same),
    ('vp', 'validity.seconds', relative_validity),
    ('validity_min', 'validity.seconds', lambda minutes: minutes * 60),
    ('oa_ton', 'originator.ton', {'alphanumeric': 5}.get), ('ton', 'originator.ton', {'international': 1}.get),
    ('npi', 'originator.npi', {'unknown': 0}.get), ('packet', 'user_data', upper),
    ('payload', 'user_data', upper), ('ud', 'user_data', upper),
    ('encoding', 'alphabet', lambda text: text.replace('-', ' ')),
    ('response.rpl', 'packet.length', same), ('response.cntr', 'packet.counter', number),
    ('response.status', 'packet.status', number), ('response.data', 'packet.data', upper),
]


def compare_concatenation(report, actual, expected):
    concatenation = actual.get('concatenation') or {}
    compare_table(report, concatenation, expected,
                  (('concat.ref', 'reference', same), ('concat.total', 'total', same),
                   ('concat.seq', 'index', same)))
    if 'multipart' in expected:
        report.same('concatenation', bool(concatenation), is_true(expected['multipart']))


def compare_nothing(report, actual, expected):
    """Members that are published to be null: there is no such thing in the message."""
    for theirs, ours in (('concat', 'concatenation'), ('smsc', 'smsc'), ('timestamp', 'timestamp')):
        if theirs in expected.node and expected.node[theirs] is None:
            expected.get(theirs)
            report.same(ours, actual.get(ours), None)


def compare_sms(report, actual, expected, item):
    compare_table(report, actual, expected, MESSAGE)
    compare_concatenation(report, actual, expected)
    compare_nothing(report, actual, expected)
    for theirs in ('tshark_sms.udhi', 'udhi', 'tp_udhi'):
        if theirs in expected:
            report.same('has udh', bool(actual.get('udh')), is_true(expected[theirs]))
    if 'oa' in expected and expected['oa'] == 'alphanumeric':
        report.same('originator.ton', at(actual, 'originator.ton'), 5)
    elif 'oa' in expected:
        report.same('originator.digits', at(actual, 'originator.digits'), expected['oa'])
    if 'dcs' in expected:
        report.same('dcs of the author', actual.get('dcs'), as_number(expected['dcs']))
    if 'ton_npi' in expected:
        address = get_address(actual)
        report.same('ton_npi', octets([0x80 | address.get('ton', 0) << 4 | address.get('npi', 0)]),
                    expected['ton_npi'])
    if 'number' in expected:
        report.same('number', plus_number(get_address(actual)), expected['number'])
    if 'smsc' in expected:
        smsc = expected['smsc']
        report.same('smsc', plus_number(actual.get('smsc')), smsc if smsc[0] == '+' else '+' + smsc)
    if 'timestamp' in expected:
        report.same('timestamp', actual.get('timestamp'), iso_time(expected['timestamp']))
    for theirs in ('scts', 'tp_scts'):
        if theirs in expected:
            report.same('timestamp', actual.get('timestamp', actual.get('timestamp_octets')),
                        stamp_time(expected[theirs]))
    if 'udh' in expected:
        header = expected['udh'].upper()
        report.same('udh', header_octets(actual), header)
        report.same('secured', actual.get('secured'), 'response' if '7100' in header else 'command')


# --- secured packets -----------------------------------------------------------------------------------

ALGORITHMS = {1: 'des', 5: '3des', 9: '3des', 0xD: 'des', 2: 'aes'}

# Rows that publish keys without the octets that say what the keys are for
KEY_ALGORITHMS = {'anttro-2': '3des', 'anttro-3': '3des'}

KIC = {'AES_CBC': 'AES-CBC', 'DES_CBC': 'DES-CBC', 'DES_ECB': 'DES-ECB',
       'TRIPLE_DES_CBC_2_KEYS': '3DES-CBC-2-keys', 'TRIPLE_DES_CBC_3_KEYS': '3DES-CBC-3-keys'}
KID = {'AES_CMAC': 'AES-CMAC', 'DES_CBC': 'DES-CBC-MAC', 'TRIPLE_DES_CBC_2_KEYS': '3DES-CBC-MAC-2-keys',
       'TRIPLE_DES_CBC_3_KEYS': '3DES-CBC-MAC-3-keys'}
INTEGRITIES = {'CC': 'cc', 'NO_SECURITY': 'none', 'cc': 'cc', 'none': 'none'}
STATUSES = {'POR_OK': 0, 'por_ok': 0, 0: 0, 'cntr_low': 2}
FORMS = {'CPI 01, BER lengths': 'cat-tp', 'SMS (CPL 2 octets)': 'sms'}


def key_algorithm(row, expected):
    """What the key file says: the algorithm that the row or one of its octets names."""
    modes = '%s %s' % (expected.peek('kic_mode'), expected.peek('kid_mode'))
    if row in KEY_ALGORITHMS:
        return KEY_ALGORITHMS[row]
    if 'AES' in modes or 'DES' in modes:
        return 'aes' if 'AES' in modes else '3des' if 'TRIPLE' in modes else 'des'
    for octet in (expected.peek('kic') or '00', expected.peek('kid') or '00'):
        if int(octet, 16) & 0xF in ALGORITHMS:
            return ALGORITHMS[int(octet, 16) & 0xF]
    return '3des' if 'DES' in (expected.peek('key_type') or '') else 'aes'


def format_keys(row, expected):
    key_set = int(expected.peek('kic') or '00', 16) >> 4 or int(expected.peek('kid') or '00', 16) >> 4
    return ('[* scp80 %02X]\nAlgorithm=%s\nKic=%s\nKid=%s\nTars=%s\n'
            % (key_set or 1, key_algorithm(row, expected), expected['kic_key'], expected['kid_key'],
               expected.peek('tar') or '000001'))


INTEGRITY_BITS = {'none': 0, 'rc': 1, 'cc': 2, 'ds': 3}
COUNTER_BITS = {'no-counter': 0, 'counter-available': 1, 'process-if-higher': 2, 'process-if-one-higher': 3}
POR_BITS = {'none': 0, 'always': 1, 'on-error': 2}


def spi_octets(spi):
    """Our SPI in two octets, TS 102 225 §5.1.1."""
    spi = spi or {}
    first = (INTEGRITY_BITS.get(spi.get('integrity'), 0xFF) | bool(spi.get('ciphered')) << 2
             | COUNTER_BITS.get(spi.get('counter'), 0xFF) << 3)
    second = (POR_BITS.get(spi.get('por'), 0xFF) | INTEGRITY_BITS.get(spi.get('por_integrity'), 0xFF) << 2
              | bool(spi.get('por_ciphered')) << 4 | bool(spi.get('por_submit')) << 5)
    return octets([first, second])


COMMAND_PACKET = [
    ('tar', 'tar', upper), ('kic', 'kic', upper), ('kid', 'kid', upper), ('cntr', 'counter', number),
    ('pcntr', 'padding', int), ('plaintext_secured_data', 'data', upper),
    ('cc', 'integrity_value', lambda text: upper(text) or None), ('rc', 'integrity_value', upper),
    ('cpl', 'length', same), ('chl', 'header_length', same), ('format', 'form', FORMS.get),
    ('kic_mode', 'kic_algorithm', KIC.get), ('kid_mode', 'kid_algorithm', KID.get),
    ('cmd_cert', 'spi.integrity', INTEGRITIES.get), ('ciphered', 'spi.ciphered', is_true),
    ('por_cert', 'spi.por_integrity', INTEGRITIES.get), ('por_ciphered', 'spi.por_ciphered', is_true),
    ('counter_mode', 'spi.counter', {'COUNTER_NO_REPLAY_NO_CHECK': 'counter-available',
                                     'COUNTER_REPLAY_OR_CHECK': 'process-if-higher'}.get),
]


def compare_command_packet(report, actual, expected, item):
    compare_table(report, actual, expected, COMMAND_PACKET)
    if 'spi' in expected:
        report.same('spi', spi_octets(actual.get('spi')), upper(expected['spi']))
    if 'kid_key' in expected and actual.get('integrity') != 'none':
        report.same('verified', actual.get('verified'), True)


RESPONSE_PACKET = [
    ('tar', 'tar', upper), ('resp_tar', 'tar', upper), ('pcntr', 'padding', int),
    ('status', 'status', STATUSES.get), ('response_status', 'status', STATUSES.get),
    ('status_code', 'status', number), ('secured_data', 'data', upper), ('rpl', 'length', same),
    ('rhl', 'header_length', same), ('executed', 'script_response.executed', same),
    ('expanded', 'data', lambda text: text.replace(' ', '')),
    ('bad_format', 'script_response.responses.0.bad_format', number),
]


def response_integrity(actual):
    """Whether or not a check could tell which integrity a response has."""
    return actual.get('integrity') or actual.get('assumed_integrity')


def is_ciphered(actual):
    """What a check has shown, or what was assumed."""
    return actual.get('assumed') == 'ciphered' if 'assumed' in actual else actual.get('ciphered')


def compare_response_packet(report, actual, expected, item):
    compare_table(report, actual, expected, RESPONSE_PACKET)
    for theirs in ('resp_cntr', 'cntr'):  # of the response, where a row has that of the command as well
        if theirs in expected:
            report.same('counter', actual.get('counter'), number(expected[theirs]))
            break
    for theirs in ('por_cc', 'por_cert'):
        if theirs in expected:
            report.same('integrity', response_integrity(actual), INTEGRITIES[expected[theirs]])
    if 'por_ciphered' in expected:
        report.same('ciphered', is_ciphered(actual), is_true(expected['por_ciphered']))
    if actual.get('verified') and 'kid' in expected:
        report.same('key_set', actual.get('key_set'), 'scp80:%02X' % (number(expected['kid']) >> 4))
    if 'spi' in expected:  # of the command: the second octet is what it wants of the response
        report.same('integrity', INTEGRITY_BITS.get(response_integrity(actual)),
                    number(expected['spi']) >> 2 & 3)
        report.same('ciphered', is_ciphered(actual), bool(number(expected['spi']) & 0x10))
    for theirs in ('sw', 'last_sw'):
        if theirs in expected:
            report.same('status word', (actual.get('data') or '')[2:], upper(expected[theirs]))
    if 'number_of_commands' in expected:
        report.same('number of commands', (actual.get('data') or '')[:2],
                    octets([expected['number_of_commands']]))
    if 'kid_key' in expected and actual.get('integrity') in ('rc', 'cc'):
        report.same('verified', actual.get('verified'), 'expect' not in expected)
        expected.get('expect')


# --- CAT_TP and scripts --------------------------------------------------------------------------------

PDU = [('tshark.' + theirs, ours, same) for theirs, ours in (
    ('version', 'version'), ('hlen', 'header_length'), ('srcport', 'source_port'),
    ('dstport', 'destination_port'), ('datalen', 'data_length'), ('seq', 'sequence'),
    ('ack', 'acknowledgement'), ('window', 'window'), ('maxpdu', 'max_pdu'), ('maxsdu', 'max_sdu'),
    ('eak', 'extended_acknowledgements'), ('reason', 'reset_reason'))]


def as_hex(thing, n_digits):
    """A number as digits; digits as they are."""
    return '%0*X' % (n_digits, thing) if isinstance(thing, int) else thing


def compare_cat_tp(report, actual, expected, item):
    compare_table(report, actual, expected, PDU)
    tshark = expected['tshark']
    report.same('flags', sorted(actual.get('flags')), sorted(tshark['flags']))
    report.same('checksum', actual.get('checksum'), tshark['checksum_status'].lower())
    report.same('checksum_value', as_hex(actual.get('checksum_value'), 4), upper(tshark['checksum'][2:]))
    identification = actual.get('identification') or ''
    if 'identification' in tshark:
        report.same('identification', identification, upper(tshark['identification']))
    if 'idlen' in tshark:
        report.same('size of identification', len(identification) // 2, tshark['idlen'])
    if 'iccid' in tshark:
        digits = ''.join(identification[i + 1] + identification[i] for i in range(0, len(identification), 2))
        report.same('iccid', digits, upper(tshark['iccid']))
    if 'context.sdu' in expected:
        is_whole = expected['context.segment'] == '1 of 1'
        sdu, data = upper(expected['context.sdu']), actual.get('data', '-')
        report.same('data', data if is_whole else data in sdu, sdu if is_whole else True)


TEMPLATES = {'AA': 'expanded-definite', 'AB': 'expanded-definite', 'AE': 'expanded-indefinite',
             'AF': 'expanded-indefinite'}

# How an author names the parts of a script, and ours: the object, and the command or what else it does
PARTS = {
    'immediate action 81 (value 81)': ('immediate action', 0x81),
    'immediate action: REFRESH 04': ('immediate action', 'REFRESH'),
    'immediate action: reference to record 05': ('immediate action', 5),
    'immediate action: REFRESH with file list': ('immediate action', 'REFRESH'),
    'immediate action: PLAY TONE': ('immediate action', 'PLAY TONE'),
    'immediate action PLAY TONE': ('immediate action', 'PLAY TONE'),
    'immediate action: DISPLAY TEXT': ('immediate action', 'DISPLAY TEXT'),
    'immediate action: DISPLAY TEXT "HI"': ('immediate action', 'DISPLAY TEXT'),
    'immediate action: REFRESH': ('immediate action', 'REFRESH'),
    'error action: none': ('error action', 'no action'),
    'error action: DISPLAY TEXT': ('error action', 'DISPLAY TEXT'),
    'C-APDU GET STATUS': ('C-APDU', 'GET STATUS'),
}


def script_kind(row, item, expected):
    return 'script-response' if item[:2] in ('ab', 'af') else 'script'


def name_part(command):
    return (command.get('name'), at(command, 'proactive.command') or command.get('instruction')
            or value(command.get('action')))


def compare_script(report, actual, expected, item):
    compare_table(report, actual, expected, (
        ('template', 'format', TEMPLATES.get), ('format', 'format', same), ('executed', 'executed', same),
        ('bad_format', 'responses.0.bad_format', lambda text: number(text[:2]))))
    if 'bad_format' in expected and expected['bad_format'][3:]:
        report.same('bad_format name', actual['responses'][0]['bad_format']['name'],
                    expected['bad_format'][3:])
    if 'c_apdus' in expected:
        report.same('commands', [command.get('apdu') for command in actual.get('commands', [])],
                    [upper(apdu) for apdu in expected['c_apdus']])
    if 'r_apdus' in expected:
        report.same('responses', [(r.get('data'), r.get('sw')) for r in actual.get('responses', [])],
                    [(upper(r['data']), upper(r['sw'])) for r in expected['r_apdus']])
    if 'parts' in expected:
        report.same('parts', [name_part(command) for command in actual.get('commands', [])],
                    [PARTS[part] for part in expected['parts']])


# --- triggers, notifications, data objects -------------------------------------------------------------

def length_value(data):
    return '%02X%s' % (len(data) // 2, data)


def address_octets(address):
    return ''.join('%02X' % int(part) for part in str(at(address, 'address')).split('.') if part.isdigit())


def push_objects(actual):
    """Our members of a push as data objects, in the order of TS 102 226 §9."""
    objects = {}
    if 'alpha' in actual:
        objects['05'] = actual['alpha'].encode('ascii').hex().upper()
    if 'bearer' in actual:
        objects['35'] = octets([at(actual, 'bearer.type')])
    if 'buffer_size' in actual:
        objects['39'] = '%04X' % actual['buffer_size']
    if 'apn' in actual:
        objects['47'] = ''.join(length_value(label.encode('ascii').hex().upper())
                                for label in actual['apn'].split('.'))
    if 'transport' in actual:
        objects['3C'] = '%02X%04X' % (at(actual, 'transport.protocol'), actual['transport']['port'])
    if 'address' in actual:
        objects['3E'] = octets([at(actual, 'address.family')]) + address_octets(actual['address'])
    return objects


def compare_push(report, actual, expected, item):
    compare_table(report, actual, expected, (
        ('tag', 'tag', same), ('psk_id', 'security_parameters.psk_identity', upper),
        ('kvn', 'security_parameters.key_version', same), ('kid', 'security_parameters.key_identifier', same),
        ('host', 'administration_host', same), ('proto', 'transport.protocol', number),
        ('port', 'transport.port', same), ('dest', 'address.address', same), ('apn', 'apn', same),
        ('bearer', 'bearer.type', number), ('buffer', 'buffer_size', same),
        ('ident', 'identification', upper), ('cmd', 'command', lambda text: 'request for ' + text)))
    if 'type' in expected:
        report.same('p2', as_hex(actual.get('p2'), 2), expected['type'])
    if 'data' in expected:
        report.same('objects', ''.join(tag + length_value(data) for tag, data in push_objects(actual).items()),
                    upper(expected['data']))
    if 'tlvs' in expected:
        report.same('objects', ['%s:%s' % pair for pair in push_objects(actual).items()],
                    [upper(tlv) for tlv in expected['tlvs']])


def unexpected_octets(thing):
    """Objects that did not belong where they were, in octets."""
    return ''.join(as_hex(other.get('tag'), 2) + length_value(other.get('value', ''))
                   for other in (thing or {}).get('unexpected', []))


def trigger_parts(parameters):
    """Our session parameters in octets again, by the tag of each."""
    security = parameters.get('security_parameters') or {}
    retry = parameters.get('retry_policy_parameters') or {}
    post = parameters.get('http_post_parameters') or {}
    return {
        '84': unexpected_octets(parameters.get('connection_parameters')),
        '85': length_value(security.get('psk_identity', '-')) + length_value(
            octets([security.get('key_version', 0), security.get('key_identifier', 0)])),
        '86': '%04X25' % retry.get('counter', 0) + length_value(at(retry, 'waiting_delay.octets') or ''),
        '89': ''.join(tag + length_value(post.get(name, '-').encode('ascii').hex().upper())
                      for tag, name in (('8A', 'administration_host'), ('8B', 'agent_identifier'),
                                        ('8C', 'administration_uri'))),
    }


def clock_seconds(text):
    hours, minutes, seconds = text.split(':')
    return (int(hours) * 60 + int(minutes)) * 60 + int(seconds)


def compare_session_trigger(report, actual, expected, item):
    session = actual.get('administration_session_parameters') or actual
    compare_table(report, session, expected, (
        ('part', 'tag', same),
        ('psk_id', 'security_parameters.psk_identity', lambda text: text.encode('ascii').hex().upper()),
        ('kvn', 'security_parameters.key_version', same), ('kid', 'security_parameters.key_identifier', same),
        ('counter', 'retry_policy_parameters.counter', number),
        # The author writes these times without swapping the digits, and says so.
        ('delay', 'retry_policy_parameters.waiting_delay.seconds_unless_swapped', clock_seconds),
        ('timer', 'retry_policy_parameters.waiting_delay.seconds_unless_swapped', clock_seconds),
        ('retry', 'retry_policy_parameters.counter', same),
        ('apn', 'connection_parameters.apn', same), ('dest', 'connection_parameters.address.address', same),
        ('host', 'http_post_parameters.administration_host', same),
        ('agent', 'http_post_parameters.agent_identifier', same),
        ('uri', 'http_post_parameters.administration_uri', same)))
    if 'report' in expected:  # under tag 0A and not 87
        report.same('report', unexpected_octets(session.get('retry_policy_parameters')),
                    upper(expected['report']))
    if 'parts' in expected:
        ours = trigger_parts(session)
        for tag in expected['parts']:
            report.same(tag, ours.get(tag), upper(expected['parts'][tag]))


IMEI_TYPE = 2


def imei_digits(text):
    """TS 24.008 §10.5.1.4: the first digit beside the type, the others in swapped pairs; else the octets."""
    if int(text[1], 16) & 7 != IMEI_TYPE:
        return text
    return text[0] + ''.join(text[i + 1] + text[i] for i in range(2, len(text), 2))


def compare_notification(report, actual, expected, item):
    compare_table(report, actual, expected, (
        ('eid', 'eid', upper), ('aid', 'aid', upper), ('type', 'type', number), ('seq', 'sequence', number),
        ('imei', 'imei', imei_digits)))


def compare_tlv(report, actual, expected, item):
    objects = {thing.get('tag'): thing for thing in actual.get('objects', [])}
    if 'tag' in expected:
        report.same('tag', list(objects), [expected['tag']])
    members = {key: part for thing in objects.values() for key, part in thing.items()}
    compare_table(report, members, expected, (
        ('text', 'text', same), ('dcs', 'dcs', same), ('apn', 'apn', same),
        ('addr', 'address.address', same), ('type', 'address.family', {'ipv4': 0x21}.get),
        ('bearer', 'bearer.type', {'default': 3}.get)))
    for key in expected:
        if re.match('[0-9a-f]{2}(_|$)', key):
            report.same(key, at(objects, key[:2].upper() + '.value'), upper(expected[key]))


EVENT_OBJECTS = [
    ('mcc', 'location.mcc', same), ('mnc', 'location.mnc', same), ('lac', 'location.lac_tac', number),
    ('cell', 'location.cell_id', number), ('access_tech', 'access_technology', same),
    ('reg_type', 'update_attach_type', same), ('rac', 'routing_area.rac', number),
    ('tac', 'tracking_area.tac', number), ('apn', 'apn', same),
    ('ti', 'transaction_identifier', number),
]
DATA_CONNECTION = 29


def compare_event_objects(report, actual, expected, item):
    """The objects of an event download without its event, which only the row tells."""
    members = {key: part for thing in actual.get('objects', []) for key, part in thing.items()}
    area = next((part for key, part in members.items() if key in ('routing_area', 'tracking_area')), None)
    if area is not None:
        members['location'] = {'mcc': area['mcc'], 'mnc': area['mnc'], 'lac_tac': area.get('lac')}
    compare_table(report, members, expected, EVENT_OBJECTS)
    is_data = expected['event'] == DATA_CONNECTION
    compare_table(report, members, expected, (
        ('status', 'data_connection_status' if is_data else 'location_status', same),
        ('cause', 'sm_cause' if is_data else 'rejection_cause', same),
        ('type', 'data_connection_type', same), ('pdp_type', 'pdp_type', same)))
