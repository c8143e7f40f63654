/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Objects of the bearer independent protocol: TS 102 223 §8.52 to §8.59, §8.70 and §8.104, TS 31.111 §8.52.
 */

#include "core/cat-bearer.h"

#include <string.h>

#include "core/cat-object.h"
#include "core/error.h"

/* TS 102 223 §8.56 */
#define STATUS_CHANNEL 0x07
#define STATUS_LISTEN 0x40
#define STATUS_ESTABLISHED 0x80

#define LABEL_MAX 63 /* RFC 1035 §2.3.4 */

#define IPV6_GROUPS 8

/* TS 31.111 §8.52.1 */
static const EaCatBearerField csd_fields[] = {
  { "data_rate", 1 },
  { "bearer_service", 1 },
  { "connection_element", 1 },
};

/* TS 31.111 §8.52.2 */
static const EaCatBearerField packet_fields[] = {
  { "precedence_class", 1 },      { "delay_class", 1 },
  { "reliability_class", 1 },     { "peak_throughput_class", 1 },
  { "mean_throughput_class", 1 }, { "packet_data_protocol_type", 1 },
};

/* TS 31.111 §8.52.3 */
static const EaCatBearerField utran_fields[] = {
  { "traffic_class", 1 },
  { "maximum_bit_rate_uplink", 2 },
  { "maximum_bit_rate_downlink", 2 },
  { "guaranteed_bit_rate_uplink", 2 },
  { "guaranteed_bit_rate_downlink", 2 },
  { "delivery_order", 1 },
  { "maximum_sdu_size", 1 },
  { "sdu_error_ratio", 1 },
  { "residual_bit_error_ratio", 1 },
  { "delivery_of_erroneous_sdus", 1 },
  { "transfer_delay", 1 },
  { "traffic_handling_priority", 1 },
  { "pdp_type", 1 },
};

/* TS 31.111 §8.52.5: the bit rates are optional */
static const EaCatBearerField eutran_fields[] = {
  { "qci", 1 },
  { "pdn_type", 1 },
};
static const EaCatBearerField eutran_rate_fields[] = {
  { "qci", 1 },
  { "maximum_bit_rate_uplink", 1 },
  { "maximum_bit_rate_downlink", 1 },
  { "guaranteed_bit_rate_uplink", 1 },
  { "guaranteed_bit_rate_downlink", 1 },
  { "pdn_type", 1 },
};
static const EaCatBearerField eutran_extended_fields[] = {
  { "qci", 1 },
  { "maximum_bit_rate_uplink", 1 },
  { "maximum_bit_rate_downlink", 1 },
  { "guaranteed_bit_rate_uplink", 1 },
  { "guaranteed_bit_rate_downlink", 1 },
  { "maximum_bit_rate_uplink_extended", 1 },
  { "maximum_bit_rate_downlink_extended", 1 },
  { "guaranteed_bit_rate_uplink_extended", 1 },
  { "guaranteed_bit_rate_downlink_extended", 1 },
  { "pdn_type", 1 },
};

/* TS 31.111 §8.52.6 */
static const EaCatBearerField ng_ran_fields[] = { { "pdu_session_type", 1 } };

#define FIELDS(array, size)                                                                        \
  {                                                                                                \
    array, G_N_ELEMENTS (array), size                                                              \
  }

static const struct
{
  guint8 type;
  struct
  {
    const EaCatBearerField *fields;
    gsize n_fields;
    gsize size;
  } layout;
} bearers[] = {
  { EA_CAT_BEARER_CSD, FIELDS (csd_fields, 3) },
  { EA_CAT_BEARER_PACKET, FIELDS (packet_fields, 6) },
  { EA_CAT_BEARER_UTRAN_EXTENDED, FIELDS (utran_fields, 17) },
  { EA_CAT_BEARER_EUTRAN, FIELDS (eutran_fields, 2) },
  { EA_CAT_BEARER_EUTRAN, FIELDS (eutran_rate_fields, 6) },
  { EA_CAT_BEARER_EUTRAN, FIELDS (eutran_extended_fields, 10) },
  { EA_CAT_BEARER_NG_RAN, FIELDS (ng_ran_fields, 1) },
};

gboolean
ea_cat_parse_bearer_description (EaCatBearerDescription *out, EaSpan value, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size (EA_CAT_TAG_BEARER_DESCRIPTION, value, 1, EA_TLV_LENGTH_MAX, error))
    return FALSE;
  ea_reader_init (&reader, value);
  out->type = ea_reader_u8 (&reader);
  out->parameters = ea_reader_rest (&reader);
  return TRUE;
}

void
ea_cat_write_bearer_description (EaWriter *writer, const EaCatBearerDescription *bearer)
{
  ea_writer_u8 (writer, bearer->type);
  ea_writer_bytes (writer, bearer->parameters);
}

const EaCatBearerField *
ea_cat_get_bearer_fields (const EaCatBearerDescription *bearer, gsize *n_fields)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bearers); i++)
    if (bearers[i].type == bearer->type && bearers[i].layout.size == bearer->parameters.size)
      {
        *n_fields = bearers[i].layout.n_fields;
        return bearers[i].layout.fields;
      }
  *n_fields = 0;
  return NULL;
}

gboolean
ea_cat_parse_transport (EaCatTransport *out, EaSpan value, GError **error)
{
  EaReader reader;

  if (!ea_cat_check_size (EA_CAT_TAG_TRANSPORT_LEVEL, value, 3, 3, error))
    return FALSE;
  ea_reader_init (&reader, value);
  out->protocol = ea_reader_u8 (&reader);
  out->port = ea_reader_u16be (&reader);
  return TRUE;
}

void
ea_cat_write_transport (EaWriter *writer, const EaCatTransport *transport)
{
  ea_writer_u8 (writer, transport->protocol);
  ea_writer_u16be (writer, transport->port);
}

static gboolean
parse_ip_address (EaCatOtherAddress *out, EaCatTag tag, EaSpan value, GError **error)
{
  EaCatOtherAddress address;
  EaReader reader;
  gsize size;

  ea_reader_init (&reader, value);
  address.family = ea_reader_u8 (&reader);
  address.address = ea_reader_rest (&reader);
  if (address.family != EA_CAT_ADDRESS_IPV4 && address.family != EA_CAT_ADDRESS_IPV6)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, value.data,
                              "Type of address %02X is neither IPv4 (21) nor IPv6 (57)",
                              address.family);
  size = 1 + (address.family == EA_CAT_ADDRESS_IPV4 ? EA_CAT_IPV4_SIZE : EA_CAT_IPV6_SIZE);
  if (!ea_cat_check_size (tag, value, size, size, error))
    return FALSE;
  *out = address;
  return TRUE;
}

gboolean
ea_cat_parse_other_address (EaCatOtherAddress *out, EaSpan value, GError **error)
{
  if (value.size == 0)
    {
      *out = (EaCatOtherAddress){ EA_CAT_ADDRESS_NONE, EA_SPAN_EMPTY };
      return TRUE;
    }
  return parse_ip_address (out, EA_CAT_TAG_OTHER_ADDRESS, value, error);
}

gboolean
ea_cat_parse_dns_server_address (EaCatOtherAddress *out, EaSpan value, GError **error)
{
  if (!ea_cat_check_size (EA_CAT_TAG_DNS_SERVER_ADDRESS, value, 1 + EA_CAT_IPV4_SIZE,
                          1 + EA_CAT_IPV6_SIZE, error))
    return FALSE;
  return parse_ip_address (out, EA_CAT_TAG_DNS_SERVER_ADDRESS, value, error);
}

void
ea_cat_write_other_address (EaWriter *writer, const EaCatOtherAddress *address)
{
  if (address->family == EA_CAT_ADDRESS_NONE)
    return;
  ea_writer_u8 (writer, address->family);
  ea_writer_bytes (writer, address->address);
}

/* RFC 5952 §4.2: the first of the longest runs of two or more zero groups is left out. */
static void
find_zero_run (const guint16 *groups, guint *start, guint *length)
{
  *start = IPV6_GROUPS;
  *length = 1;
  for (guint i = 0; i < IPV6_GROUPS; i++)
    {
      guint n = 0;

      while (i + n < IPV6_GROUPS && groups[i + n] == 0)
        n++;
      if (n > *length)
        {
          *start = i;
          *length = n;
        }
      i += n;
    }
}

static char *
ipv6_to_text (EaReader *reader)
{
  GString *text = g_string_sized_new (40);
  guint16 groups[IPV6_GROUPS];
  guint start;
  guint length;

  for (guint i = 0; i < IPV6_GROUPS; i++)
    groups[i] = ea_reader_u16be (reader);
  find_zero_run (groups, &start, &length);
  for (guint i = 0; i < IPV6_GROUPS; i++)
    {
      if (i == start)
        {
          g_string_append (text, "::");
          i += length - 1;
          continue;
        }
      if (i > 0 && i != start + length)
        g_string_append_c (text, ':');
      g_string_append_printf (text, "%x", groups[i]);
    }
  return g_string_free (text, FALSE);
}

char *
ea_cat_other_address_to_text (const EaCatOtherAddress *address)
{
  EaReader reader;
  guint32 ipv4;

  ea_reader_init (&reader, address->address);
  if (address->family == EA_CAT_ADDRESS_IPV6)
    return ipv6_to_text (&reader);
  if (address->family != EA_CAT_ADDRESS_IPV4)
    return NULL;
  ipv4 = ea_reader_u32be (&reader);
  return g_strdup_printf ("%u.%u.%u.%u", ipv4 >> 24, ipv4 >> 16 & 0xFF, ipv4 >> 8 & 0xFF,
                          ipv4 & 0xFF);
}

static gboolean
append_printable (GString *name, EaSpan label, GError **error)
{
  EaReader reader;

  ea_reader_init (&reader, label);
  while (ea_reader_remaining (&reader) > 0)
    {
      const guint8 *position = ea_reader_position (&reader);
      char c = (char) ea_reader_u8 (&reader);

      if (!g_ascii_isgraph (c))
        return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                                  "Network access name has the octet %02X, which is no character",
                                  (guint8) c);
      g_string_append_c (name, c);
    }
  return TRUE;
}

/* TRUE when @value is labels to its end; an empty one may end it. */
static gboolean
is_labels (EaSpan value)
{
  EaReader reader;
  guint8 size = 1;

  ea_reader_init (&reader, value);
  while (ea_reader_remaining (&reader) > 0 && size > 0)
    {
      size = ea_reader_u8 (&reader);
      if (size > LABEL_MAX)
        return FALSE;
      (void) ea_reader_bytes (&reader, size);
    }
  return ea_reader_done (&reader);
}

/* TRUE when @value is one label and then text that goes on with a dot, as some cards write it. */
static gboolean
is_label_with_text (EaSpan value)
{
  EaReader reader;

  ea_reader_init (&reader, value);
  (void) ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  return ea_reader_is_ok (&reader) && ea_reader_peek_u8 (&reader) == '.';
}

static gboolean
append_labels (GString *name, EaSpan value, GError **error)
{
  EaReader reader;

  ea_reader_init (&reader, value);
  while (ea_reader_remaining (&reader) > 0)
    {
      EaSpan label = ea_reader_bytes (&reader, ea_reader_u8 (&reader));

      if (name->len > 0 && label.size > 0)
        g_string_append_c (name, '.');
      if (!append_printable (name, label, error))
        return FALSE;
    }
  return TRUE;
}

char *
ea_cat_parse_network_access_name (EaSpan value, GError **error)
{
  g_autoptr (GString) name = g_string_sized_new (value.size);
  gboolean is_good;

  if (is_labels (value))
    is_good = append_labels (name, value, error);
  else if (is_label_with_text (value))
    is_good = append_printable (name, ea_span_tail (value, 1), error);
  else
    is_good = append_printable (name, value, error);
  return is_good ? g_strndup (name->str, name->len) : NULL;
}

gboolean
ea_cat_write_network_access_name (EaWriter *writer, const char *name, GError **error)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", -1);

  for (gsize i = 0; labels[i] != NULL; i++)
    {
      gsize size = strlen (labels[i]);

      if (size == 0 || size > LABEL_MAX)
        return ea_core_error_set (error, EA_CORE_ERROR_LIMIT, NULL,
                                  "Label of %" G_GSIZE_FORMAT " characters in \"%s\": not 1 to %d",
                                  size, name, LABEL_MAX);
    }
  for (gsize i = 0; labels[i] != NULL; i++)
    {
      gsize size = strlen (labels[i]);

      ea_writer_u8 (writer, (guint8) size);
      ea_writer_bytes (writer, ea_span_init (labels[i], size));
    }
  return TRUE;
}

gboolean
ea_cat_parse_channel_status (EaCatChannelStatus *out, EaSpan value, GError **error)
{
  EaCatChannelStatus status = { 0 };
  EaReader reader;
  guint8 octet;

  if (!ea_cat_check_size (EA_CAT_TAG_CHANNEL_STATUS, value, 2, 2, error))
    return FALSE;
  ea_reader_init (&reader, value);
  octet = ea_reader_u8 (&reader);
  status.channel = octet & STATUS_CHANNEL;
  status.is_established = (octet & STATUS_ESTABLISHED) != 0;
  status.is_listening = (octet & STATUS_LISTEN) != 0;
  status.reserved = octet & (guint8) ~(STATUS_CHANNEL | STATUS_ESTABLISHED | STATUS_LISTEN);
  status.information = ea_reader_u8 (&reader);
  *out = status;
  return TRUE;
}

void
ea_cat_write_channel_status (EaWriter *writer, const EaCatChannelStatus *status)
{
  guint8 octet = status->channel | status->reserved;

  if (status->is_established)
    octet |= STATUS_ESTABLISHED;
  if (status->is_listening)
    octet |= STATUS_LISTEN;
  ea_writer_u8 (writer, octet);
  ea_writer_u8 (writer, status->information);
}
