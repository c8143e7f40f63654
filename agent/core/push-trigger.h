/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * Administration session triggering parameters: what an SM-SR sends, or stores in a security domain, so that an
 * HTTPS administration session begins (GlobalPlatform Amendment B §3.3.3 table 3-3, §3.8, §3.11).
 */

/* Objects of table 3-3, by the names that the amendment gives them. */
#define EA_PUSH_TAG_TRIGGER 0x81
#define EA_PUSH_TAG_SESSION 0x83
#define EA_PUSH_TAG_CONNECTION 0x84
#define EA_PUSH_TAG_SECURITY 0x85
#define EA_PUSH_TAG_EXTENDED_SECURITY 0xA5
#define EA_PUSH_TAG_RETRY 0x86
#define EA_PUSH_TAG_RETRY_TIMER 0x25
#define EA_PUSH_TAG_FAILURE_REPORT 0x87
#define EA_PUSH_TAG_HTTP 0x89
#define EA_PUSH_TAG_HOST 0x8A
#define EA_PUSH_TAG_AGENT 0x8B
#define EA_PUSH_TAG_URI 0x8C
#define EA_PUSH_TAG_DNS 0xB3
#define EA_PUSH_TAG_FQDN 0xD6
#define EA_PUSH_TAG_DNS_CONNECTION 0xFA

/* Around the session parameters, in the place of 83, in STORE DATA and in the answer to GET DATA 0085. */
#define EA_PUSH_TAG_STORED_SESSION 0x85

/* Which objects there are; what is not there is taken from what the security domain has stored. */
typedef enum
{
  EA_PUSH_TRIGGER_HAS_SESSION = 1 << 0,
  EA_PUSH_TRIGGER_HAS_CONNECTION = 1 << 1,
  EA_PUSH_TRIGGER_HAS_SECURITY = 1 << 2,
  EA_PUSH_TRIGGER_HAS_EXTENDED_SECURITY = 1 << 3,
  EA_PUSH_TRIGGER_HAS_RETRY = 1 << 4,
  EA_PUSH_TRIGGER_HAS_RETRY_TIMER = 1 << 5,
  EA_PUSH_TRIGGER_HAS_FAILURE_REPORT = 1 << 6,
  EA_PUSH_TRIGGER_HAS_HTTP = 1 << 7,
  EA_PUSH_TRIGGER_HAS_HOST = 1 << 8,
  EA_PUSH_TRIGGER_HAS_AGENT = 1 << 9,
  EA_PUSH_TRIGGER_HAS_URI = 1 << 10,
  EA_PUSH_TRIGGER_HAS_DNS = 1 << 11,
  EA_PUSH_TRIGGER_HAS_FQDN = 1 << 12,
  EA_PUSH_TRIGGER_HAS_DNS_CONNECTION = 1 << 13,
  EA_PUSH_TRIGGER_HAS_HASH = 1 << 14,
} EaPushTriggerPart;

#define EA_PUSH_TIMER_SIZE 3

/**
 * EaPushTrigger:
 * @present: bits of EaPushTriggerPart
 * @connection: @dns_connection: objects for ea_push_parse_connection(); not looked into
 * @psk_identity: as it stands, in binary or as text, SGP.02 does not say which
 * @key_version: @key_identifier: of the key for TLS
 * @hash: only with EA_PUSH_TRIGGER_HAS_HASH: the hash algorithm that goes with the key
 * @extended_security: @failure_report: not looked into
 * @retry_counter: how often a session that failed is tried again
 * @retry_timer: %EA_PUSH_TIMER_SIZE octets for the functions below: how long to wait between
 * @host: @agent: @uri: texts of the header field Host, of X-Admin-From and of the first request
 * @fqdn: name of the server, not looked into
 * @objects: @session_objects: @retry_objects: @http_objects: @dns_objects: what is in the objects that have
 *   others in them, as it stands, with those that ea_push_has_place() denies; nothing that is built heeds them
 *
 * Spans borrow from what was parsed.
 */
typedef struct
{
  guint present;
  EaSpan connection;
  EaSpan psk_identity;
  guint8 key_version;
  guint8 key_identifier;
  guint8 hash;
  EaSpan extended_security;
  guint16 retry_counter;
  EaSpan retry_timer;
  EaSpan failure_report;
  EaSpan host;
  EaSpan agent;
  EaSpan uri;
  EaSpan fqdn;
  EaSpan dns_connection;
  EaSpan objects;
  EaSpan session_objects;
  EaSpan retry_objects;
  EaSpan http_objects;
  EaSpan dns_objects;
} EaPushTrigger;

/**
 * ea_push_parse_trigger:
 * @out: (out): untouched on failure
 * @trigger: the object 81 and nothing else; "81 00" asks for all that is stored
 *
 * Objects that the amendment does not have are passed over.
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, _MALFORMED (an object of the wrong size, or twice, bytes after the
 * object), _UNSUPPORTED (another object).
 */
gboolean ea_push_parse_trigger (EaPushTrigger *out, EaSpan trigger, GError **error);

/* The same for one object of any tag of table 3-3, as STORE DATA and GET DATA carry it, but for those of a
 * retry policy, 25 and 87, which never stand alone. Of 85 the value tells whether it is security parameters, or
 * %EA_PUSH_TAG_STORED_SESSION. */
gboolean ea_push_parse_trigger_object (EaPushTrigger *out, EaSpan object, GError **error);

/* TRUE when @tag is one that ea_push_parse_trigger_object() takes. */
gboolean ea_push_is_trigger_tag (guint32 tag);

/* TRUE when the amendment has @tag in the object @parent. */
gboolean ea_push_has_place (guint32 parent, guint32 tag);

/* The amendment's name of an object of table 3-3; %NULL for others. */
const char *ea_push_get_trigger_name (guint32 tag);

/**
 * ea_push_build_trigger:
 *
 * Returns: (transfer full) (nullable): the object 81 with what is present
 *
 * Errors: EA_CORE_ERROR_LIMIT (a PSK identity of over 255 bytes).
 */
GBytes *ea_push_build_trigger (const EaPushTrigger *trigger, GError **error);

/* The same for the session parameters alone in the object 85, as a security domain stores them. */
GBytes *ea_push_build_stored_session (const EaPushTrigger *trigger, GError **error);

/* A retry timer is hours, minutes and seconds. The amendment takes them from TS 102 223 §8.38, with their
 * digits swapped, and so they are written. There are servers that do not swap them, or write a number.
 * @seconds is untouched when the octets are no time so read. */
gboolean ea_push_timer_get_swapped (EaSpan timer, guint *seconds);
gboolean ea_push_timer_get_plain (EaSpan timer, guint *seconds);

/* Writes %EA_PUSH_TIMER_SIZE octets for at most 23:59:59. */
void ea_push_write_timer (EaWriter *writer, guint seconds);
