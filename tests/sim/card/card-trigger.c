/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Administration session triggering parameters and push commands. Left out: DNS resolution,
 * extended security parameters, failure reports and keys other than the one that the ISD-R has.
 */

#include "card-trigger.h"

#include <string.h>

#include "card-bip-parameters.h"
#include "sim-keys.h"
#include "sim-tlv.h"

#define TAG_TRIGGERING_PARAMETERS 0x81
#define TAG_SESSION_PARAMETERS 0x83
#define TAG_CONNECTION 0x84
#define TAG_SECURITY 0x85
#define TAG_RETRY_POLICY 0x86
#define TAG_POST 0x89
#define TAG_HOST 0x8A
#define TAG_AGENT 0x8B
#define TAG_URI 0x8C

#define TAG_TIMER_VALUE 0x25
#define TAG_CHANNEL_DATA 0x36
#define TAG_BUFFER_SIZE 0x39
#define TAG_TRANSPORT_LEVEL 0x3C

#define DEFAULT_URI "/gsma/adminagent"
#define AGENT_FORMAT "//se-id/eid/%s;//aa-id/aid/A000000559/1010FFFFFFFF8900000100"
#define IDENTITY_FORMAT "8001028110%s4F10A0000005591010FFFFFFFF89000001008201%02X8301%02X"
#define DEFAULT_CATTP_PORT 2345
#define DEFAULT_SDU_MAX 2048

void
sim_admin_parameters_init (SimAdminParameters *parameters, const char *eid)
{
  *parameters = (SimAdminParameters){
    .identity
    = g_strdup_printf (IDENTITY_FORMAT, eid, SIM_KEYS_PSK_IDENTIFIER, SIM_KEYS_PSK_VERSION),
    .host = g_strdup (""),
    .agent = g_strdup_printf (AGENT_FORMAT, eid),
    .uri = g_strdup (DEFAULT_URI),
  };
}

void
sim_admin_parameters_clear (SimAdminParameters *parameters)
{
  g_clear_pointer (&parameters->connection, g_bytes_unref);
  g_clear_pointer (&parameters->identity, g_free);
  g_clear_pointer (&parameters->host, g_free);
  g_clear_pointer (&parameters->agent, g_free);
  g_clear_pointer (&parameters->uri, g_free);
}

void
sim_push_parameters_init (SimPushParameters *parameters, const char *eid)
{
  *parameters = (SimPushParameters){
    .port = DEFAULT_CATTP_PORT,
    .sdu_max = DEFAULT_SDU_MAX,
    .identification = ea_bytes_from_hex (eid, NULL),
  };
}

void
sim_push_parameters_clear (SimPushParameters *parameters)
{
  g_clear_pointer (&parameters->connection, g_bytes_unref);
  g_clear_pointer (&parameters->identification, g_bytes_unref);
}

gboolean
sim_trigger_is_one (EaSpan data)
{
  EaReader reader;

  ea_reader_init (&reader, data);
  return ea_reader_u8 (&reader) == TAG_TRIGGERING_PARAMETERS;
}

/* What is not given is as stored. */
static gboolean
complete_connection (GBytes **connection, EaSpan given)
{
  EaSpan stored = *connection == NULL ? EA_SPAN_EMPTY : ea_span_from_bytes (*connection);
  GBytes *completed = sim_bip_complete_parameters (given, stored);

  if (completed == NULL)
    return FALSE;
  g_clear_pointer (connection, g_bytes_unref);
  *connection = completed;
  return TRUE;
}

static gboolean
read_connection (SimAdminParameters *parameters, EaSpan list)
{
  EaSpan given = EA_SPAN_EMPTY;

  (void) sim_tlv_find (list, TAG_CONNECTION, &given); /* none: the stored ones do */
  return complete_connection (&parameters->connection, given);
}

/* Length and PSK identity, in binary; length, version and identifier of the key */
static gboolean
read_security (SimAdminParameters *parameters, EaSpan list)
{
  EaSpan value = EA_SPAN_EMPTY;
  EaReader reader;
  EaSpan identity;

  if (!sim_tlv_find (list, TAG_SECURITY, &value))
    return TRUE;
  ea_reader_init (&reader, value);
  identity = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  (void) ea_reader_bytes (&reader, ea_reader_u8 (&reader)); /* there is only one key */
  if (!ea_reader_done (&reader))
    return FALSE;
  if (identity.size > 0)
    {
      g_free (parameters->identity);
      parameters->identity = ea_span_to_hex (identity);
    }
  return TRUE;
}

/* One octet of a timer value: two decimal digits, the lower one in the higher nibble */
static gint64
read_digits (EaReader *reader)
{
  guint8 octet = ea_reader_u8 (reader);

  return (octet & 0x0F) * 10 + (octet >> 4);
}

static gint64
read_timer (EaSpan value)
{
  EaReader reader;
  gint64 hours;
  gint64 minutes;
  gint64 seconds;

  ea_reader_init (&reader, value);
  hours = read_digits (&reader);
  minutes = read_digits (&reader);
  seconds = read_digits (&reader);
  return ((hours * 60 + minutes) * 60 + seconds) * G_USEC_PER_SEC;
}

static gboolean
read_retry_policy (SimAdminParameters *parameters, EaSpan list)
{
  EaSpan value = EA_SPAN_EMPTY;
  EaSpan timer = EA_SPAN_EMPTY;
  EaReader reader;
  guint16 n_retries;

  if (!sim_tlv_find (list, TAG_RETRY_POLICY, &value))
    return TRUE;
  ea_reader_init (&reader, value);
  n_retries = ea_reader_u16be (&reader);
  if (!ea_reader_is_ok (&reader))
    return FALSE;
  parameters->n_retries = n_retries;
  if (sim_tlv_find_comprehension (ea_reader_rest (&reader), TAG_TIMER_VALUE, &timer))
    parameters->wait_us = read_timer (timer);
  return TRUE;
}

/* What is put into the head of a request must not end a line. */
static void
read_text (EaSpan list, guint tag, char **text)
{
  EaSpan value = EA_SPAN_EMPTY;

  if (!sim_tlv_find (list, tag, &value) || value.size == 0
      || memchr (value.data, '\r', value.size) != NULL
      || memchr (value.data, '\n', value.size) != NULL
      || memchr (value.data, '\0', value.size) != NULL)
    return;
  g_free (*text);
  *text = g_strndup ((const char *) value.data, value.size);
}

gboolean
sim_trigger_read (SimAdminParameters *parameters, EaSpan data)
{
  EaSpan session = EA_SPAN_EMPTY;
  EaSpan post = EA_SPAN_EMPTY;
  EaReader reader;
  SimTlv outer;

  ea_reader_init (&reader, data);
  outer = sim_tlv_read (&reader);
  if (!ea_reader_done (&reader) || outer.tag != TAG_TRIGGERING_PARAMETERS)
    return FALSE;
  (void) sim_tlv_find (outer.value, TAG_SESSION_PARAMETERS, &session); /* none: as before */
  if (!read_security (parameters, session) || !read_retry_policy (parameters, session)
      || !read_connection (parameters, session))
    return FALSE;
  (void) sim_tlv_find (session, TAG_POST, &post);
  read_text (post, TAG_HOST, &parameters->host);
  read_text (post, TAG_AGENT, &parameters->agent);
  read_text (post, TAG_URI, &parameters->uri);
  return TRUE;
}

gboolean
sim_push_read_channel (SimPushParameters *parameters, EaSpan data)
{
  return complete_connection (&parameters->connection, data);
}

static gboolean
read_port (EaSpan data, guint16 *port)
{
  EaSpan value = EA_SPAN_EMPTY;
  EaReader reader;

  if (!sim_tlv_find_comprehension (data, TAG_TRANSPORT_LEVEL, &value))
    return TRUE;
  ea_reader_init (&reader, value);
  (void) ea_reader_u8 (&reader); /* of no meaning here */
  *port = ea_reader_u16be (&reader);
  return ea_reader_done (&reader);
}

static gboolean
read_sdu_max (EaSpan data, guint16 *sdu_max)
{
  EaSpan value = EA_SPAN_EMPTY;
  EaReader reader;

  if (!sim_tlv_find_comprehension (data, TAG_BUFFER_SIZE, &value))
    return TRUE;
  ea_reader_init (&reader, value);
  *sdu_max = ea_reader_u16be (&reader);
  return ea_reader_done (&reader);
}

gboolean
sim_push_read_link (SimPushParameters *parameters, EaSpan data)
{
  guint16 port = parameters->port;
  guint16 sdu_max = parameters->sdu_max;
  EaSpan identification = EA_SPAN_EMPTY;

  if (parameters->connection == NULL || !read_port (data, &port) || !read_sdu_max (data, &sdu_max))
    return FALSE;
  parameters->port = port;
  parameters->sdu_max = sdu_max;
  if (sim_tlv_find_comprehension (data, TAG_CHANNEL_DATA, &identification))
    {
      g_bytes_unref (parameters->identification);
      parameters->identification = ea_span_to_bytes (identification);
    }
  return TRUE;
}
