/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Administration session triggering parameters, GlobalPlatform Amendment B §3.3.3: objects within objects,
 * though the tags of the outer ones are primitive. Connection parameters are core/push.h's.
 */

#include "core/push-trigger.h"

#include "core/cat-number.h"
#include "core/error.h"
#include "core/tlv.h"

#define KEY_SIZE_MIN 2 /* key version and identifier, §3.8.2 */
#define KEY_SIZE_MAX 3 /* and a hash algorithm */

#define TAG_NONE 0 /* around the object that an input is */

#define SECONDS_PER_HOUR 3600
#define SECONDS_PER_MINUTE 60
#define HOURS_MAX 23
#define SIXTIETHS_MAX 59

/* TS 102 223 §9.3: timer value with the comprehension bit */
#define TAG_RETRY_TIMER_COMPREHENSION 0xA5

typedef struct
{
  guint32 tag;
  guint32 parent;
  guint part;
  const char *name;
} Row;

static const Row rows[] = {
  { EA_PUSH_TAG_TRIGGER, TAG_NONE, 0, "administration session triggering parameters" },
  { EA_PUSH_TAG_SESSION, EA_PUSH_TAG_TRIGGER, EA_PUSH_TRIGGER_HAS_SESSION,
    "administration session parameters" },
  { EA_PUSH_TAG_DNS, EA_PUSH_TAG_TRIGGER, EA_PUSH_TRIGGER_HAS_DNS, "DNS resolution parameters" },
  { EA_PUSH_TAG_CONNECTION, EA_PUSH_TAG_SESSION, EA_PUSH_TRIGGER_HAS_CONNECTION,
    "connection parameters" },
  { EA_PUSH_TAG_SECURITY, EA_PUSH_TAG_SESSION, EA_PUSH_TRIGGER_HAS_SECURITY,
    "security parameters" },
  { EA_PUSH_TAG_EXTENDED_SECURITY, EA_PUSH_TAG_SESSION, EA_PUSH_TRIGGER_HAS_EXTENDED_SECURITY,
    "extended security parameters" },
  { EA_PUSH_TAG_RETRY, EA_PUSH_TAG_SESSION, EA_PUSH_TRIGGER_HAS_RETRY, "retry policy parameters" },
  { EA_PUSH_TAG_HTTP, EA_PUSH_TAG_SESSION, EA_PUSH_TRIGGER_HAS_HTTP, "HTTP POST parameters" },
  { EA_PUSH_TAG_RETRY_TIMER, EA_PUSH_TAG_RETRY, EA_PUSH_TRIGGER_HAS_RETRY_TIMER,
    "retry waiting delay" },
  { TAG_RETRY_TIMER_COMPREHENSION, EA_PUSH_TAG_RETRY, EA_PUSH_TRIGGER_HAS_RETRY_TIMER,
    "retry waiting delay" },
  { EA_PUSH_TAG_FAILURE_REPORT, EA_PUSH_TAG_RETRY, EA_PUSH_TRIGGER_HAS_FAILURE_REPORT,
    "retry failure report" },
  { EA_PUSH_TAG_HOST, EA_PUSH_TAG_HTTP, EA_PUSH_TRIGGER_HAS_HOST, "administration host" },
  { EA_PUSH_TAG_AGENT, EA_PUSH_TAG_HTTP, EA_PUSH_TRIGGER_HAS_AGENT, "agent identifier" },
  { EA_PUSH_TAG_URI, EA_PUSH_TAG_HTTP, EA_PUSH_TRIGGER_HAS_URI, "administration URI" },
  { EA_PUSH_TAG_FQDN, EA_PUSH_TAG_DNS, EA_PUSH_TRIGGER_HAS_FQDN, "FQDN of the server" },
  { EA_PUSH_TAG_DNS_CONNECTION, EA_PUSH_TAG_DNS, EA_PUSH_TRIGGER_HAS_DNS_CONNECTION,
    "DNS connection parameters" },
};

/* Nothing is within itself, so this is as deep as the objects are. */
static gboolean read_objects (EaPushTrigger *trigger, guint32 parent, EaSpan objects,
                              GError **error);

/* The outermost object of what a security domain has stored. */
static const Row stored_session
    = { EA_PUSH_TAG_STORED_SESSION, EA_PUSH_TAG_SESSION, EA_PUSH_TRIGGER_HAS_SESSION,
        "administration session parameters" };

static const Row *
find_row (guint32 parent, guint32 tag)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].tag == tag && rows[i].parent == parent)
      return &rows[i];
  return NULL;
}

/* The row of @tag where it does not stand in another object: none for what only a retry policy has. */
static const Row *
find_outer_row (guint32 tag)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].tag == tag && rows[i].parent != EA_PUSH_TAG_RETRY)
      return &rows[i];
  return NULL;
}

gboolean
ea_push_has_place (guint32 parent, guint32 tag)
{
  return find_row (parent, tag) != NULL;
}

gboolean
ea_push_is_trigger_tag (guint32 tag)
{
  return find_outer_row (tag) != NULL;
}

const char *
ea_push_get_trigger_name (guint32 tag)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].tag == tag)
      return rows[i].name;
  return NULL;
}

static gboolean
read_security (EaPushTrigger *trigger, const EaTlv *tlv, GError **error)
{
  const guint8 *position;
  EaReader reader;
  guint8 key_size;

  ea_reader_init (&reader, tlv->value);
  trigger->psk_identity = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  position = ea_reader_position (&reader);
  key_size = ea_reader_u8 (&reader);
  if (!ea_reader_is_ok (&reader))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_span_end (tlv->object),
                              "Security parameters of %" G_GSIZE_FORMAT
                              " bytes end before the key does",
                              tlv->value.size);
  if (key_size < KEY_SIZE_MIN || key_size > KEY_SIZE_MAX
      || ea_reader_remaining (&reader) != key_size)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                              "Key of %u bytes, %" G_GSIZE_FORMAT " there, not %d or %d", key_size,
                              ea_reader_remaining (&reader), KEY_SIZE_MIN, KEY_SIZE_MAX);

  trigger->key_version = ea_reader_u8 (&reader);
  trigger->key_identifier = ea_reader_u8 (&reader);
  if (key_size == KEY_SIZE_MAX)
    {
      trigger->hash = ea_reader_u8 (&reader);
      trigger->present |= EA_PUSH_TRIGGER_HAS_HASH;
    }
  return TRUE;
}

static gboolean
read_retry (EaPushTrigger *trigger, const EaTlv *tlv, GError **error)
{
  EaReader reader;

  ea_reader_init (&reader, tlv->value);
  trigger->retry_counter = ea_reader_u16be (&reader);
  if (!ea_reader_is_ok (&reader))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, tlv->object.data,
                              "Retry policy parameters of %" G_GSIZE_FORMAT
                              " bytes have no counter of 2",
                              tlv->value.size);
  trigger->retry_objects = ea_reader_rest (&reader);
  return read_objects (trigger, EA_PUSH_TAG_RETRY, trigger->retry_objects, error);
}

static gboolean
read_timer (EaPushTrigger *trigger, const EaTlv *tlv, GError **error)
{
  trigger->retry_timer = tlv->value;
  if (tlv->value.size == EA_PUSH_TIMER_SIZE)
    return TRUE;
  return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, tlv->object.data,
                            "Retry waiting delay of %" G_GSIZE_FORMAT " bytes, not %d",
                            tlv->value.size, EA_PUSH_TIMER_SIZE);
}

/* Where a value that is taken as it stands belongs; NULL for an object that has others in it. */
static EaSpan *
find_member (EaPushTrigger *trigger, guint part)
{
  switch (part)
    {
    case EA_PUSH_TRIGGER_HAS_CONNECTION:
      return &trigger->connection;
    case EA_PUSH_TRIGGER_HAS_EXTENDED_SECURITY:
      return &trigger->extended_security;
    case EA_PUSH_TRIGGER_HAS_FAILURE_REPORT:
      return &trigger->failure_report;
    case EA_PUSH_TRIGGER_HAS_HOST:
      return &trigger->host;
    case EA_PUSH_TRIGGER_HAS_AGENT:
      return &trigger->agent;
    case EA_PUSH_TRIGGER_HAS_URI:
      return &trigger->uri;
    case EA_PUSH_TRIGGER_HAS_FQDN:
      return &trigger->fqdn;
    case EA_PUSH_TRIGGER_HAS_DNS_CONNECTION:
      return &trigger->dns_connection;
    default:
      return NULL;
    }
}

/* Objects that have nothing else in them but further ones. */
static gboolean
read_container (EaPushTrigger *trigger, const Row *row, EaSpan objects, GError **error)
{
  switch (row->part)
    {
    case EA_PUSH_TRIGGER_HAS_SESSION:
      trigger->session_objects = objects;
      return read_objects (trigger, EA_PUSH_TAG_SESSION, objects, error);
    case EA_PUSH_TRIGGER_HAS_HTTP:
      trigger->http_objects = objects;
      break;
    case EA_PUSH_TRIGGER_HAS_DNS:
      trigger->dns_objects = objects;
      break;
    default:
      trigger->objects = objects;
      break;
    }
  return read_objects (trigger, row->tag, objects, error);
}

static gboolean
take_object (EaPushTrigger *trigger, const Row *row, const EaTlv *tlv, GError **error)
{
  EaSpan *member = find_member (trigger, row->part);

  if ((trigger->present & row->part) != 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, tlv->object.data, "Second %s",
                              row->name);
  if (tlv->is_indefinite)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, tlv->object.data,
                              "An indefinite length in %s", row->name);
  trigger->present |= row->part;
  if (member != NULL)
    {
      *member = tlv->value;
      return TRUE;
    }
  switch (row->part)
    {
    case EA_PUSH_TRIGGER_HAS_SECURITY:
      return read_security (trigger, tlv, error);
    case EA_PUSH_TRIGGER_HAS_RETRY:
      return read_retry (trigger, tlv, error);
    case EA_PUSH_TRIGGER_HAS_RETRY_TIMER:
      return read_timer (trigger, tlv, error);
    default:
      return read_container (trigger, row, tlv->value, error);
    }
}

static gboolean
read_objects (EaPushTrigger *trigger, guint32 parent, EaSpan objects, GError **error)
{
  EaReader reader;
  const Row *row;
  EaTlv tlv;

  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0)
    {
      if (!ea_tlv_read_ber (&reader, &tlv, error))
        return FALSE;
      row = find_row (parent, tlv.tag);
      if (row != NULL && !take_object (trigger, row, &tlv, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_security (const EaTlv *tlv)
{
  EaPushTrigger trigger = { 0 };

  return read_security (&trigger, tlv, NULL);
}

static gboolean
is_session (EaSpan objects)
{
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0)
    if (!ea_tlv_read_ber (&reader, &tlv, NULL) || find_row (EA_PUSH_TAG_SESSION, tlv.tag) == NULL)
      return FALSE;
  return TRUE;
}

/* 85 is security parameters within a session's, and around all of these where they are stored. */
static const Row *
find_any_row (const EaTlv *tlv)
{
  if (tlv->tag == EA_PUSH_TAG_STORED_SESSION && !is_security (tlv) && is_session (tlv->value))
    return &stored_session;
  return find_outer_row (tlv->tag);
}

static gboolean
parse (EaPushTrigger *out, EaSpan object, gboolean is_any, GError **error)
{
  EaPushTrigger trigger = { 0 };
  const Row *row;
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, object);
  if (!ea_tlv_read_ber (&reader, &tlv, error))
    return FALSE;
  row = is_any ? find_any_row (&tlv) : find_row (TAG_NONE, tlv.tag);
  if (row == NULL)
    return ea_core_error_set (
        error, EA_CORE_ERROR_UNSUPPORTED, tlv.object.data, "Data object %02X is %s", tlv.tag,
        is_any ? "none of GlobalPlatform Amendment B" : "no triggering parameters, which are 81");
  if (!ea_reader_done (&reader))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_reader_position (&reader),
                              "Input has %" G_GSIZE_FORMAT " bytes after the %s",
                              ea_reader_remaining (&reader), row->name);
  if (!take_object (&trigger, row, &tlv, error))
    return FALSE;

  *out = trigger;
  return TRUE;
}

gboolean
ea_push_parse_trigger (EaPushTrigger *out, EaSpan trigger, GError **error)
{
  return parse (out, trigger, FALSE, error);
}

gboolean
ea_push_parse_trigger_object (EaPushTrigger *out, EaSpan object, GError **error)
{
  return parse (out, object, TRUE, error);
}

static void
write_part (EaWriter *writer, const EaPushTrigger *trigger, guint part, guint32 tag, EaSpan value)
{
  if ((trigger->present & part) != 0)
    ea_tlv_write_ber (writer, tag, value);
}

static void
write_security (EaWriter *writer, const EaPushTrigger *trigger)
{
  gboolean has_hash = (trigger->present & EA_PUSH_TRIGGER_HAS_HASH) != 0;
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_writer_u8 (&value, (guint8) trigger->psk_identity.size);
  ea_writer_bytes (&value, trigger->psk_identity);
  ea_writer_u8 (&value, has_hash ? KEY_SIZE_MAX : KEY_SIZE_MIN);
  ea_writer_u8 (&value, trigger->key_version);
  ea_writer_u8 (&value, trigger->key_identifier);
  if (has_hash)
    ea_writer_u8 (&value, trigger->hash);
  write_part (writer, trigger, EA_PUSH_TRIGGER_HAS_SECURITY, EA_PUSH_TAG_SECURITY,
              ea_writer_span (&value));
}

static void
write_retry (EaWriter *writer, const EaPushTrigger *trigger)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_writer_u16be (&value, trigger->retry_counter);
  write_part (&value, trigger, EA_PUSH_TRIGGER_HAS_RETRY_TIMER, EA_PUSH_TAG_RETRY_TIMER,
              trigger->retry_timer);
  write_part (&value, trigger, EA_PUSH_TRIGGER_HAS_FAILURE_REPORT, EA_PUSH_TAG_FAILURE_REPORT,
              trigger->failure_report);
  write_part (writer, trigger, EA_PUSH_TRIGGER_HAS_RETRY, EA_PUSH_TAG_RETRY,
              ea_writer_span (&value));
}

static void
write_http (EaWriter *writer, const EaPushTrigger *trigger)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  write_part (&value, trigger, EA_PUSH_TRIGGER_HAS_HOST, EA_PUSH_TAG_HOST, trigger->host);
  write_part (&value, trigger, EA_PUSH_TRIGGER_HAS_AGENT, EA_PUSH_TAG_AGENT, trigger->agent);
  write_part (&value, trigger, EA_PUSH_TRIGGER_HAS_URI, EA_PUSH_TAG_URI, trigger->uri);
  write_part (writer, trigger, EA_PUSH_TRIGGER_HAS_HTTP, EA_PUSH_TAG_HTTP, ea_writer_span (&value));
}

static void
write_session (EaWriter *writer, guint32 tag, const EaPushTrigger *trigger)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  write_part (&value, trigger, EA_PUSH_TRIGGER_HAS_CONNECTION, EA_PUSH_TAG_CONNECTION,
              trigger->connection);
  write_security (&value, trigger);
  write_part (&value, trigger, EA_PUSH_TRIGGER_HAS_EXTENDED_SECURITY, EA_PUSH_TAG_EXTENDED_SECURITY,
              trigger->extended_security);
  write_retry (&value, trigger);
  write_http (&value, trigger);
  write_part (writer, trigger, EA_PUSH_TRIGGER_HAS_SESSION, tag, ea_writer_span (&value));
}

static void
write_dns (EaWriter *writer, const EaPushTrigger *trigger)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  write_part (&value, trigger, EA_PUSH_TRIGGER_HAS_FQDN, EA_PUSH_TAG_FQDN, trigger->fqdn);
  write_part (&value, trigger, EA_PUSH_TRIGGER_HAS_DNS_CONNECTION, EA_PUSH_TAG_DNS_CONNECTION,
              trigger->dns_connection);
  write_part (writer, trigger, EA_PUSH_TRIGGER_HAS_DNS, EA_PUSH_TAG_DNS, ea_writer_span (&value));
}

/* The length of the identity has one octet. */
static gboolean
check_identity (const EaPushTrigger *trigger, GError **error)
{
  EaSpan identity = trigger->psk_identity;

  if ((trigger->present & EA_PUSH_TRIGGER_HAS_SECURITY) == 0 || identity.size <= G_MAXUINT8)
    return TRUE;
  return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, identity.data,
                            "PSK identity of %" G_GSIZE_FORMAT " bytes, over %d", identity.size,
                            G_MAXUINT8);
}

GBytes *
ea_push_build_stored_session (const EaPushTrigger *trigger, GError **error)
{
  g_auto (EaWriter) writer = { 0 };

  if (!check_identity (trigger, error))
    return NULL;
  ea_writer_init (&writer);
  write_session (&writer, EA_PUSH_TAG_STORED_SESSION, trigger);
  return ea_writer_steal (&writer);
}

GBytes *
ea_push_build_trigger (const EaPushTrigger *trigger, GError **error)
{
  g_auto (EaWriter) value = { 0 };
  g_auto (EaWriter) writer = { 0 };

  if (!check_identity (trigger, error))
    return NULL;
  ea_writer_init (&value);
  write_session (&value, EA_PUSH_TAG_SESSION, trigger);
  write_dns (&value, trigger);
  ea_writer_init (&writer);
  ea_tlv_write_ber (&writer, EA_PUSH_TAG_TRIGGER, ea_writer_span (&value));
  return ea_writer_steal (&writer);
}

gboolean
ea_push_timer_get_swapped (EaSpan timer, guint *seconds)
{
  EaCatTimerValue value;

  if (!ea_cat_parse_timer_value (&value, timer, NULL))
    return FALSE;
  *seconds = value.hours * SECONDS_PER_HOUR + value.minutes * SECONDS_PER_MINUTE + value.seconds;
  return TRUE;
}

/* Two digits in their order, or else the number that the octet is. */
static guint
read_plain (EaReader *reader)
{
  guint8 octet = ea_reader_u8 (reader);
  guint high = octet >> 4;
  guint low = octet & 0x0F;

  return high <= 9 && low <= 9 ? high * 10 + low : octet;
}

gboolean
ea_push_timer_get_plain (EaSpan timer, guint *seconds)
{
  EaReader reader;
  guint hours;
  guint minutes;
  guint rest;

  ea_reader_init (&reader, timer);
  hours = read_plain (&reader);
  minutes = read_plain (&reader);
  rest = read_plain (&reader);
  if (!ea_reader_done (&reader) || hours > HOURS_MAX || minutes > SIXTIETHS_MAX
      || rest > SIXTIETHS_MAX)
    return FALSE;

  *seconds = hours * SECONDS_PER_HOUR + minutes * SECONDS_PER_MINUTE + rest;
  return TRUE;
}

void
ea_push_write_timer (EaWriter *writer, guint seconds)
{
  const EaCatTimerValue value = {
    .hours = (guint8) (seconds / SECONDS_PER_HOUR),
    .minutes = (guint8) (seconds % SECONDS_PER_HOUR / SECONDS_PER_MINUTE),
    .seconds = (guint8) (seconds % SECONDS_PER_MINUTE),
  };

  g_return_if_fail (seconds < (HOURS_MAX + 1) * SECONDS_PER_HOUR);

  ea_cat_write_timer_value (writer, &value);
}
