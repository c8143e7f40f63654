/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-trigger.h"

#include <string.h>

#include "core/error.h"
#include "sim-keys.h"
#include "sim-tlv.h"
#include "smsr-script.h"

/* OPEN CHANNEL's objects, TS 102 223 §8 */
#define TAG_BEARER 0x35
#define TAG_REMOTE_IDENTITY 0x36
#define TAG_BUFFER_SIZE 0x39
#define TAG_TRANSPORT 0x3C
#define TAG_ADDRESS 0x3E
#define BEARER_DEFAULT 0x03
#define TRANSPORT_CAT_TP 0x00
#define TRANSPORT_UDP_CLIENT 0x01
#define TRANSPORT_TCP_CLIENT 0x02
#define ADDRESS_IPV4 0x21
#define ADDRESS_IPV6 0x57
#define IPV4_SIZE 4

/* GlobalPlatform Amendment B, Table 3-3 and following */
#define TAG_TRIGGER 0x81
#define TAG_SESSION 0x83
#define TAG_CONNECTION 0x84
#define TAG_SECURITY 0x85
#define TAG_RETRY 0x86
#define TAG_HTTP 0x89
#define TAG_HOST 0x8A
#define TAG_AGENT 0x8B
#define TAG_URI 0x8C
#define TAG_RESOLUTION 0xB3
#define TAG_NAME 0xD6
#define TAG_NAME_SERVER 0xFA
#define DNS_BUFFER_SIZE 0x0400

/* PUSH: 80 EC 01 and its P2 */
#define PUSH_HEADER 0x80EC01
#define PUSH_OPEN_CHANNEL 0x01
#define PUSH_CAT_TP_LINK 0x02

static const guint8 isd_r[] = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
                                0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x01, 0x00 };
static const guint8 key_version[] = { SIM_KEYS_PSK_VERSION };
static const guint8 key_identifier[] = { SIM_KEYS_PSK_IDENTIFIER };

void
sim_smsr_address_clear (SimSmsrAddress *address)
{
  g_clear_pointer (&address->host, g_free);
  g_clear_pointer (&address->address, g_bytes_unref);
  g_clear_pointer (&address->dns, g_bytes_unref);
}

void
sim_smsr_address_copy (SimSmsrAddress *to, const SimSmsrAddress *from)
{
  *to = (SimSmsrAddress){ .host = g_strdup (from->host),
                          .address = g_bytes_ref (from->address),
                          .https = from->https,
                          .cat_tp = from->cat_tp,
                          .dns = from->dns == NULL ? NULL : g_bytes_ref (from->dns),
                          .dns_port = from->dns_port };
}

/* Four numbers with dots, as there is no resolver here */
static GBytes *
parse_ipv4 (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ".", -1);
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      guint64 octet;

      if (!g_ascii_string_to_unsigned (parts[i], 10, 0, G_MAXUINT8, &octet, NULL))
        return NULL;
      ea_writer_u8 (&writer, (guint8) octet);
    }
  return ea_writer_span (&writer).size == IPV4_SIZE ? ea_writer_steal (&writer) : NULL;
}

gboolean
sim_smsr_address_parse (SimSmsrAddress *out, const char *text, GError **error)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = colon != NULL ? g_strndup (text, (gsize) (colon - text)) : g_strdup ("");
  GBytes *address = parse_ipv4 (host);
  guint64 port;

  if (address == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT16, &port, NULL))
    {
      g_clear_pointer (&address, g_bytes_unref);
      g_set_error (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED, "'%s' is no ADDRESS:PORT", text);
      return FALSE;
    }
  *out = (SimSmsrAddress){ .host = g_steal_pointer (&host),
                           .address = address,
                           .https = (guint16) port };
  return TRUE;
}

GBytes *
sim_smsr_build_psk_identity (const char *eid)
{
  static const guint8 qualified[] = { 0x02 };
  g_autoptr (GBytes) eid_bytes = ea_bytes_from_hex (eid, NULL);
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  sim_tlv_write (&writer, 0x80, EA_SPAN_OF_ARRAY (qualified));
  sim_tlv_write (&writer, 0x81, ea_span_from_bytes (eid_bytes));
  sim_tlv_write (&writer, 0x4F, EA_SPAN_OF_ARRAY (isd_r));
  sim_tlv_write (&writer, 0x82, EA_SPAN_OF_ARRAY (key_identifier));
  sim_tlv_write (&writer, 0x83, EA_SPAN_OF_ARRAY (key_version));
  return ea_writer_steal (&writer);
}

char *
sim_smsr_build_agent_identifier (const char *eid)
{
  return g_strdup_printf ("//se-id/eid/%s;//aa-id/aid/A000000559/1010FFFFFFFF8900000100", eid);
}

/* Bearer, buffer, transport and address: what OPEN CHANNEL needs. @digits: empty: the address is not known */
static void
write_channel (EaWriter *writer, EaSpan digits, guint8 transport, guint16 port, guint16 size)
{
  static const guint8 bearer[] = { BEARER_DEFAULT };
  g_auto (EaWriter) buffer_size = { 0 };
  g_auto (EaWriter) level = { 0 };
  g_auto (EaWriter) peer = { 0 };

  ea_writer_init (&buffer_size);
  ea_writer_init (&level);
  ea_writer_init (&peer);
  ea_writer_u16be (&buffer_size, size);
  ea_writer_u8 (&level, transport);
  ea_writer_u16be (&level, port);
  ea_writer_u8 (&peer, digits.size == IPV4_SIZE ? ADDRESS_IPV4 : ADDRESS_IPV6);
  ea_writer_bytes (&peer, digits);
  sim_tlv_write (writer, TAG_BEARER, EA_SPAN_OF_ARRAY (bearer));
  sim_tlv_write (writer, TAG_BUFFER_SIZE, ea_writer_span (&buffer_size));
  sim_tlv_write (writer, TAG_TRANSPORT, ea_writer_span (&level));
  if (digits.size > 0)
    sim_tlv_write (writer, TAG_ADDRESS, ea_writer_span (&peer));
}

/* Identity, and key version with key identifier, each with its length in front */
static void
write_security (EaWriter *writer, const char *eid)
{
  g_autoptr (GBytes) identity = sim_smsr_build_psk_identity (eid);
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_writer_u8 (&value, (guint8) g_bytes_get_size (identity));
  ea_writer_bytes (&value, ea_span_from_bytes (identity));
  ea_writer_u8 (&value, sizeof (key_version) + sizeof (key_identifier));
  ea_writer_bytes (&value, EA_SPAN_OF_ARRAY (key_version));
  ea_writer_bytes (&value, EA_SPAN_OF_ARRAY (key_identifier));
  sim_tlv_write (writer, TAG_SECURITY, ea_writer_span (&value));
}

static void
write_text (EaWriter *writer, guint tag, const char *text)
{
  sim_tlv_write (writer, tag, ea_span_init (text, strlen (text)));
}

static void
write_http (EaWriter *writer, const char *eid, const char *host)
{
  g_autofree char *agent = sim_smsr_build_agent_identifier (eid);
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  write_text (&value, TAG_HOST, host);
  write_text (&value, TAG_AGENT, agent);
  write_text (&value, TAG_URI, SIM_SMSR_ADMIN_URI);
  sim_tlv_write (writer, TAG_HTTP, ea_writer_span (&value));
}

/* §3.11: the name, and how its server is reached */
static void
write_resolution (EaWriter *writer, const SimSmsrAddress *address, const char *name)
{
  g_auto (EaWriter) server = { 0 };
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&server);
  ea_writer_init (&value);
  write_channel (&server, ea_span_from_bytes (address->dns), TRANSPORT_UDP_CLIENT,
                 address->dns_port, DNS_BUFFER_SIZE);
  write_text (&value, TAG_NAME, name);
  sim_tlv_write (&value, TAG_NAME_SERVER, ea_writer_span (&server));
  sim_tlv_write (writer, TAG_RESOLUTION, ea_writer_span (&value));
}

/* Value of 83 */
static void
write_parameters (EaWriter *writer, const char *eid, const SimSmsrAddress *address,
                  const char *name, guint n_retries)
{
  /* the timer's value is in the digits' order of TS 102 223 §8.38 */
  const guint8 retry[]
      = { (guint8) (n_retries >> 8), (guint8) n_retries, 0x25, 0x03, 0x00, 0x00, 0x10 };
  EaSpan digits = name == NULL ? ea_span_from_bytes (address->address) : EA_SPAN_EMPTY;
  g_auto (EaWriter) connection = { 0 };

  ea_writer_init (&connection);
  write_channel (&connection, digits, TRANSPORT_TCP_CLIENT, address->https, SIM_SMSR_BUFFER_SIZE);
  sim_tlv_write (writer, TAG_CONNECTION, ea_writer_span (&connection));
  write_security (writer, eid);
  sim_tlv_write (writer, TAG_RETRY, EA_SPAN_OF_ARRAY (retry));
  write_http (writer, eid, name == NULL ? address->host : name);
}

GBytes *
sim_smsr_build_https_trigger (const char *eid, const SimSmsrAddress *address, const char *name,
                              guint n_retries)
{
  g_auto (EaWriter) parameters = { 0 };
  g_auto (EaWriter) session = { 0 };
  g_auto (EaWriter) trigger = { 0 };

  ea_writer_init (&parameters);
  ea_writer_init (&session);
  ea_writer_init (&trigger);
  write_parameters (&parameters, eid, address, name, n_retries);
  sim_tlv_write (&session, TAG_SESSION, ea_writer_span (&parameters));
  if (name != NULL)
    write_resolution (&session, address, name);
  sim_tlv_write (&trigger, TAG_TRIGGER, ea_writer_span (&session));
  return ea_writer_steal (&trigger);
}

static void
write_push (EaWriter *objects, guint8 p2, EaSpan data)
{
  g_auto (EaWriter) apdu = { 0 };

  ea_writer_init (&apdu);
  ea_writer_u24be (&apdu, PUSH_HEADER);
  ea_writer_u8 (&apdu, p2);
  ea_writer_u8 (&apdu, (guint8) data.size);
  ea_writer_bytes (&apdu, data);
  sim_smsr_write_command (objects, ea_writer_span (&apdu));
}

GBytes *
sim_smsr_build_cat_tp_push (const SimSmsrAddress *address, guint16 sdu_max, EaSpan identification)
{
  static const guint8 level[]
      = { TRANSPORT_CAT_TP, SIM_SMSR_CAT_TP_PORT >> 8, SIM_SMSR_CAT_TP_PORT & 0xFF };
  const guint8 size[] = { (guint8) (sdu_max >> 8), (guint8) sdu_max };
  g_auto (EaWriter) channel = { 0 };
  g_auto (EaWriter) link = { 0 };
  g_auto (EaWriter) objects = { 0 };

  ea_writer_init (&channel);
  ea_writer_init (&link);
  ea_writer_init (&objects);
  write_channel (&channel, ea_span_from_bytes (address->address), TRANSPORT_UDP_CLIENT,
                 address->cat_tp, SIM_SMSR_UDP_BUFFER_SIZE);
  sim_tlv_write (&link, TAG_TRANSPORT, EA_SPAN_OF_ARRAY (level));
  sim_tlv_write (&link, TAG_BUFFER_SIZE, EA_SPAN_OF_ARRAY (size));
  if (identification.size > 0)
    sim_tlv_write (&link, TAG_REMOTE_IDENTITY, identification);
  write_push (&objects, PUSH_OPEN_CHANNEL, ea_writer_span (&channel));
  write_push (&objects, PUSH_CAT_TP_LINK, ea_writer_span (&link));
  return sim_smsr_wrap_script (SIM_SMSR_FORMAT_DEFINITE, ea_writer_span (&objects));
}
