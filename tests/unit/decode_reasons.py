# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where the program says something else than a row of tests/vectors, or nothing, and why."""


# (row, key): why the program says something else than the row
DISAGREE = {
    ('anttro-disp-alpha', 'alpha'): 'DISPLAY TEXT has no alpha identifier: it is among the unexpected',
    ('pysniff-idle-quirk', 'text'): 'tag 10 is an item identifier: it is among the unexpected',
    ('gecko-11', 'imei'): 'that library does not swap the digits, TS 24.008 §10.5.1.4 does',
    ('aosp-tr-ussd', 'text'): 'the response to SEND SHORT MESSAGE has no text: it is unexpected',
    ('pysniff-timer', 'value'): 'the digits of a timer value are swapped, TS 102 223 §8.38',
    ('pysniff-ppdl', 'message.text'): 'its coding is 8 bit data, which is no text',
    ('pysniff-sms-2', 'message.text'): 'its coding is 8 bit data, which is no text',
    ('aosp-311', 'text'): 'its coding is 8 bit data, which is no text',
    ('ofono-sms-unicode_deliver', 'dcs of the author'): 'the author means UCS2; the octet 19 says class 1 as well',
    ('pysniff-ussd', 'ussd_string.text'): 'coding 04 is 7 bits, Spanish, TS 23.038 §5; the author reads octets',
    ('anttro-tr-pli-loc', 'location.mnc'): 'the MNC has a third digit, 1 and not F, TS 24.008 §10.5.1.3',
    ('anttro-ia-cr', 'parts'): 'the file list has no number of files: the command is no REFRESH to be read',
    ('anttro-refresh-1', 'parts'): 'the file list has no number of files: the command is no REFRESH to be read',
    ('anttro-ea-1', 'parts'): 'the author takes the number of the command, 20, for its type, 01',
    ('anttro-ea-2', 'parts'): 'coding 28 is a compressed text, TS 23.038 §4: the command can not be read',
    ('evv-5', 'data_connection_type'): 'tag 2A without its event is a BC repeat indicator',
    ('evv-5', 'pdp_type'): 'tag 0B without its event is an SMS TPDU',
    ('gsm0348-java-isdr-aes-noudhl', 'verified'): 'its CC does not cover 027100: the author calls that older than TS 31.115',
    ('go-17-seed1-16', 'data'): 'other data under the number of an earlier PDU, whose data the row tells',
    ('go-17-seed1-17', 'data'): 'other data under the number of an earlier PDU, whose data the row tells',
}

DISAGREE.update({('anttro-submit-4', key): 'segment 4 of 3 is ignored, TS 23.040 §9.2.3.24.1'
                 for key in ('reference', 'total', 'index')})
DISAGREE.update({(row, key): 'a KIc of that library\'s own, 04 or 08: not deciphered'
                 for row in ('gsm0348-test010', 'gsm0348-test011', 'gsm0348-test012')
                 for key in ('kic_algorithm', 'counter', 'data')})

LATE_RESULT = 'the result comes after other objects, TS 102 223 §6.8'
NO_OBJECT = 'an object that the event must have is not there, TS 102 223 §7.5'
NO_OBJECTS = 'a part of another kind, no data objects'
CUT = 'its author cut it or wrote wrong lengths to be refused'

# Rows that must not decode, the error's name, and why
FAILS = {
    'pysniff-refresh-fcn': ('malformed', 'the file list has no number of files, TS 102 223 §8.18'),
    'anttro-tr-timer-get': ('malformed', LATE_RESULT),
    'anttro-tr-poll': ('malformed', LATE_RESULT),
    'anttro-tr-20-01': ('malformed', LATE_RESULT),
    'anttro-tr-nores': ('malformed', 'there is no result, TS 102 223 §6.8'),
    'anttro-ev00-83': ('malformed', NO_OBJECT),
    'anttro-ev00-82': ('malformed', NO_OBJECT),
    'pysniff-cc': ('malformed', 'CALL CONTROL must have a location, TS 102 223 §7.3.1.6'),
    'pysniff-prose': ('unsupported', 'tag E0'),
    'anttro-store': ('malformed', 'a STORE DATA command'),
    'njiwa-06-odd-pdus-open-20': ('truncated', CUT),
    'pysim-cmd-none': ('truncated', 'printed without its CPL'),
    'pysim-berlen-0': ('malformed', NO_OBJECTS),
    'pysim-berlen-1': ('truncated', NO_OBJECTS),
    'pysim-berlen-198': ('malformed', NO_OBJECTS),
    'pysim-berlen-65535': ('malformed', NO_OBJECTS),
    'pysim-udh-027100': ('truncated', NO_OBJECTS),
    'pysim-addr-038021f399': ('malformed', NO_OBJECTS),
    'mm-pdu_insufficient_data': ('truncated', CUT),
    'mm-pdu_wrong_address_size': ('truncated', CUT),
    'mm-pdu_wrong_user_data_elements_size': ('unsupported', CUT),
    'mm-pdu_wrong_udh': ('unsupported', CUT),
}

WORDS = 'words for people'
OF_COMMAND = 'of the command that is answered: a response packet does not have it'
OF_TRANSCRIPT = 'of the transcript that the PDU is from'
OF_CHECK = 'how the author of the row checked it'
OF_REQUEST = 'what the author\'s library was asked for, or adds: not in the item'
OF_PRIMITIVE = 'no packet but a check of some octets: test-scp80-crypto.c computes it'
OF_ITEM = 'a length of the item, which no key repeats'

# (row, file or *, member): why it is compared with nothing
IGNORED = {
    ('*', 'note'): WORDS,
    ('*', 'comment'): WORDS,
    ('comprehension-tlv', 'what'): WORDS,
    ('scp80-command', 'what'): WORDS,
    ('proactive', 'struct'): 'the name of the C structure',
    ('terminal-response', 'struct'): 'the name of the C structure',
    ('envelope', 'struct'): 'the name of the C structure',
    ('more-session-trigger', 'timer_note'): WORDS,
    ('proactive', 'name'): 'the row\'s id once more',
    ('sms-submit', 'test'): 'the name of the author\'s test',
    ('sms-deliver', 'tpdu_len'): OF_ITEM,
    ('sms-submit', 'tpdu_len'): OF_ITEM,
    ('push', 'lc'): OF_ITEM,
    ('sms-deliver', 'smsc_included'): 'says with which option the item is to be read',
    ('envelope', 'expect_sw'): 'what a card answers',
    ('more-envelope', 'result_sw'): 'what a card answers',
    ('comprehension-tlv', 'ber_length'): 'a length alone, which reads as an object of another tag',
    ('cattp-pdu', 'occurrences'): OF_TRANSCRIPT,
    ('cattp-pdu', 'tshark.expert'): WORDS,
    ('cattp-pdu', 'context'): OF_TRANSCRIPT,
    ('scp80-command', 'recomputed'): OF_CHECK,
    ('scp80-response', 'recomputed'): OF_CHECK,
    ('scp80-command', 'len_ok'): OF_CHECK,
    ('scp80-command', 'cc_with_027000_prefix'): 'a CC of other octets than those of the item',
    ('scp80-command', 'key_type'): 'chooses the algorithm of the key file',
    ('scp80-command', 'njiwa_quirks'): WORDS,
    ('scp80-command', 'security_bytes'): OF_REQUEST,
    ('scp80-command', 'spi_requested'): OF_REQUEST,
    ('scp80-command', 'udh_of_parts'): 'of the messages that carry the packet',
    ('scp80-response', 'security_bytes'): OF_REQUEST,
    ('scp80-response', 'ciphered'): OF_COMMAND,
    ('scp80-response', 'cmd_cert'): OF_COMMAND,
    ('scp80-response', 'counter_mode'): OF_COMMAND,
    ('scp80-response', 'kic'): OF_COMMAND,
    ('scp80-response', 'kid'): OF_COMMAND,
    ('scp80-response', 'kic_mode'): OF_COMMAND,
    ('scp80-response', 'kid_mode'): OF_COMMAND,
    ('gsm0348-Response-501', 'cntr'): OF_COMMAND,
    ('gsm0348-Tomas_Andersen_Bug_#1', 'cntr'): OF_COMMAND,
    ('more-scp80-response', 'kic'): OF_COMMAND,
}

IGNORED.update({('scp80-command', member): OF_PRIMITIVE
                for member in ('primitive', 'alg', 'key', 'key_first8', 'message', 'mac8')})
IGNORED.update({(row, 'cc'): OF_PRIMITIVE for row in ('onomondo-cc-3des-16', 'onomondo-cc-3des-17')})
