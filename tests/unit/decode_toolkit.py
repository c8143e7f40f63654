# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proactive commands, terminal responses and envelopes: each published member beside our key for it."""
import re

from decode_messages import as_number, compare_concatenation
from decode_rows import at, compare_table, in_table, is_true, number, octets, same, upper, value

DEVICES = {'UICC': 0x81, 'TERMINAL': 0x82, 'NETWORK': 0x83, 'KEYPAD': 0x01, 'CHANNEL_1': 0x21,
           'CARD_READER_1': 0x11, 'CARD_READER_7': 0x17}
QUALIFIERS = {'OPEN_CHANNEL_FLAG_IMMEDIATE': 1, 'SEND_DATA_IMMEDIATELY': 1, 'SEND_DATA_STORE_DATA': 0}
TONES = {'DIAL_TONE': 1, 'BUSY_TONE': 2, 'CALL_DROPPED': 5, 'ERROR': 6, 'POSITIVE_ACK': 0x11}
UNITS = {'MINUTES': 'minutes', 'SECONDS': 'seconds', 'minute': 'minutes', 'second': 'seconds',
         'tenth': 'tenths of seconds'}
BEARERS = {'GPRS_UTRAN': 2, 'DEFAULT': 3}
PROTOCOLS = {'UDP_CLIENT_REMOTE': 1, 'TCP_CLIENT_REMOTE': 2}
INSTRUCTIONS = {'SELECT': 0xA4, 'UPDATE_BINARY_D6': 0xD6}
STATUSES = {'DATA_NOT_UNDERSTOOD': 0x32}
LOCAL_INFORMATION = {'location': 'location information', 'imei': 'IMEI of the terminal',
                     'language': 'language setting'}
MESSAGE_TYPES = {'SMS-SUBMIT': True}

# Members of GET INKEY and GET INPUT that are bits of the qualifier, TS 102 223 §8.6
QUALIFIER_BITS = {'alphabet': 0x01, 'ucs2': 0x02, 'hidden': 0x04}
YES_NO = 0x04
YES = '£'  # the octet 01 in the default alphabet

DETAILS = [
    ('tshark.cmd_nr', 'number', number), ('tshark.cmd_type', 'type', number),
    ('tshark.src', 'source', number), ('tshark.dst', 'destination', number),
    ('tshark.result', 'result.code', number),
    ('number', 'number', same), ('type', 'type', number), ('qual', 'qualifier', number),
    ('src', 'source', number),
]

COMMAND = DETAILS + [
    ('text', 'text', same), ('default_text', 'default_text', same),
    ('alpha', 'alpha', same), ('alpha_id', 'alpha', same), ('alpha_id_usr_cfm', 'alpha', same),
    ('alpha_id_call_setup', 'alpha_call_set_up', same), ('alpha2', 'alpha_call_set_up', same),
    ('apn', 'apn', same), ('text_usr', 'login', same), ('login', 'login', same),
    ('text_passwd', 'password', same), ('password', 'password', same),
    ('buf_size', 'buffer_size', same), ('buffer', 'buffer_size', same),
    ('length', 'length', same), ('channel', 'channel', same),
    ('timer_id', 'timer', same), ('timer', 'timer', same), ('value', 'value', same),
    ('url', 'url', same), ('language', 'language', same), ('at_command', 'at_command', same),
    ('dtmf', 'dtmf', same), ('tone', 'tone', in_table(TONES)), ('ussd', 'ussd_string.text', same),
    ('status', 'problem.result', in_table(STATUSES)),
    ('local_info', 'qualifier_name', LOCAL_INFORMATION.get),
    ('resp_len.min', 'response_length.minimum', same), ('min', 'response_length.minimum', same),
    ('resp_len.max', 'response_length.maximum', same), ('max', 'response_length.maximum', same),
    ('items_first.id', 'items.0.identifier', same), ('items_first.text', 'items.0.text', same),
    ('sms.da', 'message.destination.digits', same), ('sms.pid', 'message.pid', number),
    ('sms.dcs', 'message.dcs', number), ('sms.udl', 'message.user_data_length', same),
    ('sms.ud', 'message.user_data', upper), ('sms.text', 'message.text', same),
    ('sms.encoding', 'message.alphabet', lambda text: text.replace('-', ' ')),
]

def clock(time):
    """A published time of hours, minutes and seconds, of which each may be missing."""
    return '%02d:%02d:%02d' % tuple(time.get(unit) or 0 for unit in ('hour', 'minute', 'second'))


def phone_number(address):
    """Our address as others write it; "c" separates the digits that are dialled later."""
    address = address or {}
    return ('+' if address.get('ton') == 1 else '') + str(address.get('digits')).replace('c', ',')


def type_octet(address):
    address = address or {}
    return 0x80 | address.get('ton', 0) << 4 | address.get('npi', 0)


def attribute(thing):
    return [(thing or {}).get(key) for key in ('start', 'length', 'mode', 'colour')]


def compare_qualifier(report, actual, expected):
    if 'qualifier' in expected:
        theirs = expected['qualifier']
        report.same('qualifier', actual.get('qualifier'),
                    theirs if isinstance(theirs, int) else in_table(QUALIFIERS)(theirs))
    for member, bit in QUALIFIER_BITS.items():
        if member in expected:
            report.same(member, bool(actual.get('qualifier') & bit), expected[member])


def compare_icons(report, actual, expected):
    for theirs in ('icon_id', 'icon_id_usr_cfm'):
        if theirs in expected:
            icon = expected[theirs]
            report.same('icon', actual.get('icon'),
                        {'self_explanatory': icon['qualifier'].endswith('TYPE_SELF_EXPLANATORY'),
                         'identifier': icon['id']})
    if 'icon' in expected:
        icon = bytes.fromhex(expected['icon'])
        report.same('icon', actual.get('icon'),
                    {'self_explanatory': icon[0] & 1 == 0, 'identifier': icon[1]})
    if 'item_icon_id_list' in expected:
        icons = expected['item_icon_id_list']
        report.same('item_icons', actual.get('item_icons'),
                    {'self_explanatory': icons['qualifier'].endswith('TYPE_SELF_EXPLANATORY'),
                     'identifiers': icons['list']})
        report.same('number of item_icons', len(at(actual, 'item_icons.identifiers') or []), icons['len'])


def compare_text_attributes(report, actual, expected):
    for theirs, ours in (('text_attr', 'text_attribute'), ('text_attr_usr_cfm', 'text_attribute'),
                         ('text_attr_call_setup', 'text_attribute_call_set_up')):
        if theirs in expected:
            report.same(ours, attribute(actual.get(ours)), expected[theirs]['attributes'])
            report.same(ours + ' size', len(attribute(actual.get(ours))), expected[theirs]['len'])
    if 'item_text_attr_list' in expected:
        theirs = expected['item_text_attr_list']
        ours = [part for thing in actual.get('item_text_attributes', []) for part in attribute(thing)]
        report.same('item_text_attributes', ours, theirs['list'])
        report.same('item_text_attributes size', len(ours), theirs['len'])


def compare_duration(report, duration, expected):
    duration = duration or {}
    report.same('duration', (duration.get('unit'), duration.get('value')),
                (in_table(UNITS)(expected['unit']), expected['interval']))


def compare_items(report, actual, expected):
    items = expected.get('items')
    ours = [(item.get('identifier'), item.get('text')) for item in actual.get('items', [])]
    if items is not None:
        items = items if isinstance(items, list) else [items]
        report.same('items', ours, [(item['id'], item['text']) for item in items])
        actions = [number(item['next_action']) if 'next_action' in item else 0 for item in items]
        if any(actions):
            report.same('next_actions', [value(action) for action in actual.get('next_actions', [])], actions)
    if 'next_action' in expected:
        report.same('next_actions', [value(action) for action in actual.get('next_actions', [])],
                    [number(action) for action in expected['next_action']])


def compare_bearer(report, actual, expected):
    bearer = actual.get('bearer') or {}
    if 'bearer_desc' in expected:
        theirs = expected['bearer_desc']
        report.same('bearer.type', at(actual, 'bearer.type'), in_table(BEARERS)(theirs['type']))
        for member, ours in (('precedence', 'precedence_class'), ('delay', 'delay_class'),
                             ('reliability', 'reliability_class'), ('peak', 'peak_throughput_class'),
                             ('mean', 'mean_throughput_class'), ('pdp_type', 'packet_data_protocol_type')):
            report.same('bearer.' + ours, bearer.get(ours), theirs['gprs'][member])
        report.same('bearer.parameters', bearer.get('parameters'), octets(
            theirs['gprs'][member] for member in ('precedence', 'delay', 'reliability', 'peak', 'mean',
                                                  'pdp_type')))
    if 'bearer' in expected:
        report.same('bearer', '%02X%s' % (at(actual, 'bearer.type') or 0, bearer.get('parameters', '')),
                    expected['bearer'].replace('GPRS', '02').replace(' ', '').upper())


def compare_bip(report, actual, expected):
    compare_bearer(report, actual, expected)
    compare_table(report, actual, expected, (
        ('uti.protocol', 'transport.protocol', in_table(PROTOCOLS)), ('uti.port', 'transport.port', same),
        ('proto', 'transport.protocol', number), ('port', 'transport.port', same),
        ('data_dest_addr.type', 'address.family', in_table({'IPV4': 0x21})),
        ('data_dest_addr.addr.ipv4', 'address.address',
         lambda ipv4: '.'.join(str(ipv4 >> shift & 0xFF) for shift in (0, 8, 16, 24))),
        ('dest', 'address.address', same)))


def compare_short_message(report, actual, expected):
    """oFono shows a message as it would be sent: in 7 bits where the card wants it packed, §8.6."""
    if 'gsm_sms' in expected:
        centre, kind, content = expected['gsm_sms']
        message, submit = actual.get('message') or {}, content['submit']
        is_packed = bool(actual.get('qualifier') & 1)
        if not isinstance(centre, list):
            report.same('address', actual.get('address'), ofono_address(centre))
        else:
            report.same('address', actual.get('address'), None)
        report.same('kind of message', 'destination' in message, kind == 'SMS_TYPE_SUBMIT')
        report.same('reference', message.get('reference'), submit['mr'])
        report.same('destination', message.get('destination'), ofono_address(submit['daddr']))
        report.same('pid', message.get('pid'), submit['pid'])
        report.same('dcs', message.get('dcs'), submit['dcs'] | (4 if is_packed else 0))
        report.same('user_data_length', message.get('user_data_length'), submit['udl'])
        text = message.get('text', bytes.fromhex(message.get('user_data', '')).decode('latin-1'))
        report.same('text of message', text, submit['ud'])
    if 'sms.mti' in expected:
        report.same('kind of message', 'reject_duplicates' in (actual.get('message') or {}),
                    MESSAGE_TYPES[expected['sms.mti']])
    if 'sms.contains' in expected:
        theirs = re.fullmatch(r'(\w+) packet, ciphered, TAR (\w+)', expected['sms.contains'])
        report.same('message.secured', at(actual, 'message.secured'), theirs.group(1))
        report.same('message.packet.tar', at(actual, 'message.packet.tar'), upper(theirs.group(2)))
        report.same('message.packet.assumed', at(actual, 'message.packet.assumed'), 'ciphered')


def ofono_address(address):
    return {'ton': in_table({'INTERNATIONAL': 1})(address['number_type']),
            'npi': in_table({'ISDN': 1})(address['numbering_plan']), 'digits': address['address']}


def compare_numbers(report, actual, expected):
    for theirs, digits, ours in (('ss', 'ss', 'ss_string'), ('addr', 'number', 'address')):
        if theirs in expected:
            report.same(ours, at(actual, ours + '.digits'), expected[theirs][digits])
            report.same(ours + ' type', type_octet(actual.get(ours)), expected[theirs]['ton_npi'])
    if 'address' in expected:
        report.same('address', phone_number(actual.get('address')), expected['address'])
    if 'ccp' in expected:
        report.same('capability_configuration', actual.get('capability_configuration'),
                    octets(expected['ccp.ccp']))
        report.same('capability_configuration size',
                    len(actual.get('capability_configuration', '')) // 2, expected['ccp.len'])


def compare_proactive(report, actual, expected, item):
    compare_table(report, actual, expected, COMMAND)
    compare_qualifier(report, actual, expected)
    compare_icons(report, actual, expected)
    compare_text_attributes(report, actual, expected)
    compare_items(report, actual, expected)
    compare_bip(report, actual, expected)
    compare_short_message(report, actual, expected)
    compare_numbers(report, actual, expected)
    if 'duration' in expected:
        compare_duration(report, actual.get('interval', actual.get('duration')), expected['duration'])
    if 'timer_value' in expected:
        report.same('value', actual.get('value'), clock(expected['timer_value']))
    if 'c_apdu' in expected:
        apdu = expected['c_apdu']
        report.same('c_apdu', actual.get('c_apdu'), octets(
            [apdu['cla'], in_table(INSTRUCTIONS)(apdu['ins']), apdu['p1'], apdu['p2'], apdu['lc'],
             *apdu['data']]))
    if 'dst' in expected:
        dst = expected['dst']
        report.same('destination', value(actual.get('destination')),
                    in_table(DEVICES)(dst) if dst.startswith('STK_') else number(dst))
    if 'events' in expected:
        report.same('events', [value(event) for event in actual.get('events', [])], expected['events'])
    if 'files' in expected:
        report.same('files', actual.get('files'), [upper(path) for path in expected['files']] or None)
    if 'yes_no' in expected:
        report.same('yes_no', bool(actual.get('qualifier') & YES_NO), expected['yes_no'])


# --- terminal responses --------------------------------------------------------------------------------

RESULTS = {
    'SUCCESS': 0x00, 'REFRESH_WITH_EFS': 0x03, 'NO_ICON': 0x04, 'USER_TERMINATED': 0x10, 'GO_BACK': 0x11,
    'NO_RESPONSE': 0x12, 'HELP_REQUESTED': 0x13, 'TERMINAL_BUSY': 0x20, 'NETWORK_UNAVAILABLE': 0x21,
    'USER_REJECT': 0x22, 'TIMER_CONFLICT': 0x24, 'BROWSER_TEMPORARY': 0x26, 'NOT_CAPABLE': 0x30,
    'DATA_NOT_UNDERSTOOD': 0x32,
}

RESPONSE = DETAILS + [
    ('dst', 'destination', number), ('result', 'result.code', number),
    ('additional', 'result.additional', upper), ('text', 'text', same), ('timer', 'timer', same),
    ('value', 'value', same), ('item', 'item_identifier', same), ('imei', 'imei', same),
    ('language', 'language', same), ('buffer', 'buffer_size', same),
    ('yes_no', 'text', lambda answer: YES if answer else '@'),
    ('time', 'date_time', lambda text: text.replace('Z', '+00:00')),
]

OFONO_RESPONSE = [
    ('number', 'number', same), ('src', 'source', in_table(DEVICES)), ('dst', 'destination', in_table(DEVICES)),
    ('result.type', 'result.code', in_table(RESULTS)),
    ('result.additional', 'result.additional', lambda code: octets(c_octets(code))),
    ('get_inkey.text.text', 'text', same), ('get_input.text.text', 'text', same),
    ('select_item.item_id', 'item_identifier', same), ('timer_mgmt.id', 'timer', same),
    ('run_at_command.at_response', 'at_response', same),
    ('open_channel.buf_size', 'buffer_size', same),
    ('rx_remaining', 'available', same), ('send_data.tx_avail', 'available', same),
]


def c_octets(code):
    """The octets that begin a C expression: (unsigned char[1]){0x91 or (unsigned char *) "\\1"."""
    return [int(text, 0) for text in re.findall(r'0x[0-9a-f]{2}', code)] \
        + [int(text, 8) for text in re.findall(r'\\([0-7]+)', code)]


def squeeze(name):
    """A command's name, in which words stand together and SMS is short for SHORT MESSAGE."""
    return re.sub('[ _]', '', name.replace('SHORT MESSAGE', 'SMS'))


def compare_ofono_response(report, actual, response):
    compare_table(report, actual, response, OFONO_RESPONSE)
    compare_qualifier(report, actual, response)
    report.same('command', squeeze(actual.get('command')),
                squeeze(response['type'].replace('STK_COMMAND_TYPE_', '')))
    if 'result.additional_len' in response:
        report.same('additional size', len(at(actual, 'result.additional') or '') // 2,
                    response['result.additional_len'])
    for path in ('get_inkey.duration', 'poll_interval.max_interval'):
        if path in response:
            compare_duration(report, actual.get('interval', actual.get('duration')), response[path])
    if 'timer_mgmt.value' in response:
        time = response['timer_mgmt.value']
        report.same('value', actual.get('value') if is_true(time['has_value']) else None, clock(time))
    if 'open_channel' in response:
        compare_bip(report, actual, response['open_channel'])
    if 'receive_data' in response:
        data = response['receive_data']
        report.same('channel_data', actual.get('channel_data'),
                    octets(c_octets(data['rx_data.array'][len('(unsignedchar[200])'):]) + data['rx_data._']))
        report.same('channel_data size', len(actual.get('channel_data', '')) // 2, data['len'])


def channel_octets(actual):
    """Our channel status in two octets, TS 102 223 §8.56."""
    return [octets([status.get('channel') | (0x80 if status.get('established') else 0)
                    | (0x40 if status.get('listening') else 0), value(status.get('information'))])
            for status in actual.get('channel_status', [])]


def compare_location(report, actual, expected):
    """A cell is published with its extension as one number, or alone."""
    location = actual.get('location') or {}
    compare_table(report, actual, expected, (
        ('mcc', 'location.mcc', same), ('mnc', 'location.mnc', same),
        ('lac', 'location.lac_tac', as_number)))
    if 'cell' in expected:
        cell = location.get('cell_id')
        if 'extended_cell_id' in location:
            cell = cell << 16 | location['extended_cell_id']
        report.same('location.cell_id', cell, as_number(expected['cell']))


def compare_terminal_response(report, actual, expected, item):
    if 'response' in expected:
        compare_ofono_response(report, actual, expected['response'])
        compare_table(report, actual, expected, DETAILS)
        return
    compare_table(report, actual, expected, RESPONSE)
    compare_bearer(report, actual, expected)
    compare_location(report, actual, expected)
    if 'channel_status' in expected:
        report.same('channel_status', channel_octets(actual), [expected['channel_status']])
    if 'duration' in expected:
        compare_duration(report, actual.get('interval', actual.get('duration')), expected['duration'])


# --- envelopes -----------------------------------------------------------------------------------------

EVENTS = {'MT_CALL': 0, 'CALL_CONNECTED': 1, 'USER_ACTIVITY': 4, 'DATA_AVAILABLE': 9,
          'CHANNEL_STATUS': 10, 'NETWORK_REJECTION': 18}
ENVELOPES = {'CBS_PP_DOWNLOAD': 'CELL BROADCAST DOWNLOAD', 'MENU_SELECTION': 'MENU SELECTION',
             'CALL_CONTROL': 'CALL CONTROL', 'EVENT_DOWNLOAD': 'EVENT DOWNLOAD',
             'TIMER_EXPIRATION': 'TIMER EXPIRATION'}

OFONO_ENVELOPE = [
    ('type', 'name', in_table(ENVELOPES)), ('src', 'source', in_table(DEVICES)),
    ('dst', 'destination', in_table(DEVICES)),
    ('cbs_pp_download.page.gs', 'cell_broadcast.scope', in_table({'CELL_NORMAL': 3})),
    ('cbs_pp_download.page.message_code', 'cell_broadcast.message_code', same),
    ('cbs_pp_download.page.update_number', 'cell_broadcast.update_number', same),
    ('cbs_pp_download.page.message_identifier', 'cell_broadcast.message_identifier', same),
    ('cbs_pp_download.page.dcs', 'cell_broadcast.dcs', in_table({'ENGLISH': 1})),
    ('cbs_pp_download.page.max_pages', 'cell_broadcast.pages', same),
    ('cbs_pp_download.page.page', 'cell_broadcast.page', same),
    ('cbs_pp_download.page.ud', 'cell_broadcast.content', octets),
    ('menu_selection.item_id', 'item_identifier', same),
    ('menu_selection.help_request', 'help_request', is_true),
    ('call_control.type', 'control', in_table({'CALL_SETUP': 'call set-up'})),
    ('call_control.address.number', 'address.digits', same),
    ('call_control.location.mcc', 'location.mcc', same), ('call_control.location.mnc', 'location.mnc', same),
    ('call_control.location.lac_tac', 'location.lac_tac', same),
    ('call_control.location.ci', 'location.cell_id', same),
    ('call_control.location.ext_ci', 'location.extended_cell_id', same),
    ('event_download.type', 'event', in_table(EVENTS)),
    ('event_download.mt_call.transaction_id', 'transaction_identifier', same),
    ('event_download.mt_call.caller_address.number', 'address.digits', same),
    ('event_download.call_connected.transaction_id', 'transaction_identifier', same),
    ('event_download.data_available.channel_data_len', 'available', same),
    ('event_download.network_rejection.tai.mcc', 'tracking_area.mcc', same),
    ('event_download.network_rejection.tai.mnc', 'tracking_area.mnc', same),
    ('event_download.network_rejection.tai.tac', 'tracking_area.tac', same),
    ('event_download.network_rejection.access_tech', 'access_technology', in_table({'EUTRAN': 8})),
    ('event_download.network_rejection.update_attach', 'update_attach_type', in_table({'EPS_ATTACH': 9})),
    ('event_download.network_rejection.cause', 'rejection_cause', in_table({'PLMN_NOT_ALLOWED': 11})),
    ('timer_expiration.id', 'timer', same),
]


def compare_ofono_envelope(report, actual, envelope):
    compare_table(report, actual, envelope, OFONO_ENVELOPE)
    for path in ('call_control.address', 'event_download.mt_call.caller_address'):
        if path in envelope:
            report.same('type of address', type_octet(actual.get('address')), envelope[path]['ton_npi'])
    for theirs, ours in (('has_ci', 'cell_id'), ('has_ext_ci', 'extended_cell_id')):
        if 'call_control.location' in envelope:
            report.same('has ' + ours, at(actual, 'location.' + ours) is not None,
                        is_true(envelope['call_control.location'][theirs]))
    for event in ('data_available', 'channel_status'):
        if 'event_download.' + event in envelope:
            channel = envelope['event_download.%s.channel' % event]
            report.same('channel', at(actual, 'channel_status.0.channel'), channel['id'])
            report.same('established', at(actual, 'channel_status.0.established'),
                        channel['status'].endswith('PACKET_DATA_SERVICE_ACTIVATED'))
    if 'timer_expiration' in envelope:
        time = envelope['timer_expiration.value']
        report.same('value', actual.get('value') if is_true(time['has_value']) else None, clock(time))


ENVELOPE = [
    ('tshark.src', 'source', number), ('tshark.dst', 'destination', number), ('src', 'source', number),
    ('dst', 'destination', number), ('name', 'name', same), ('event', 'event', same),
    ('length', 'available', same), ('timer', 'timer', same), ('value', 'value', same),
    ('location_status', 'location_status', number), ('transaction', 'transaction_identifier', same),
    ('item', 'item_identifier', same), ('help', 'help_request', same), ('ussd', 'ussd_string.text', same),
    ('oa', 'message.originator.digits', same), ('text', 'message.text', same), ('tpdu', 'tpdu', upper),
]


def compare_envelope(report, actual, expected, item):
    compare_table(report, actual, expected, ENVELOPE)
    compare_location(report, actual, expected)
    if 'envelope' in expected:
        compare_ofono_envelope(report, actual, expected['envelope'])
    if 'channel_status' in expected:
        report.same('channel_status', channel_octets(actual), [expected['channel_status']])
    for theirs in ('caller', 'address'):
        if theirs in expected:
            report.same('address', phone_number(actual.get('address')), expected[theirs])
    if actual.get('name') == 'SMS-PP DOWNLOAD' and 'tpdu' not in expected:
        report.same('tpdu within', actual.get('tpdu', '-') in item.upper(), True)
    compare_concatenation(report, actual.get('message') or {}, expected)
