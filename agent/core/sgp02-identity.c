/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Names of an eUICC in HTTPS administration: SGP.02 §2.4.4.1 table 4 for the PSK identity, GlobalPlatform
 * Amendment B §3.4 for header fields. The texts are ASCII and have no quoting.
 */

#include "core/sgp02-identity.h"

#include <string.h>

#include "core/error.h"
#include "core/sgp02.h"
#include "core/tlv.h"

#define TAG_TYPE 0x80
#define TAG_EID 0x81
#define TAG_AID 0x4F
#define TAG_KEY_IDENTIFIER 0x82
#define TAG_KEY_VERSION 0x83

#define RID_SIZE 5 /* bytes, ISO/IEC 7816-4 §12.2.3.2 */
#define PIX_SIZE_MAX 11

#define AGENT_ID_SE "//se-id/eid/"
#define AGENT_ID_AA ";//aa-id/aid/"
#define TARGETED_APPLICATION "//aid/"

typedef enum
{
  PART_TYPE,
  PART_EID,
  PART_AID,
  PART_KEY_IDENTIFIER,
  PART_KEY_VERSION,
  N_PARTS
} Part;

static const struct
{
  guint32 tag;
  const char *name;
  gsize size_min;
  gsize size_max;
} parts[N_PARTS] = {
  [PART_TYPE] = { TAG_TYPE, "identity type", 1, 1 },
  [PART_EID] = { TAG_EID, "EID", EA_SGP02_EID_SIZE, EA_SGP02_EID_SIZE },
  [PART_AID] = { TAG_AID, "AID", EA_SGP02_AID_SIZE_MIN, EA_SGP02_AID_SIZE },
  [PART_KEY_IDENTIFIER] = { TAG_KEY_IDENTIFIER, "key identifier", 1, 1 },
  [PART_KEY_VERSION] = { TAG_KEY_VERSION, "key version", 1, 1 },
};

static gboolean
find_part (const EaTlv *tlv, gsize *part, GError **error)
{
  for (*part = 0; *part < N_PARTS; (*part)++)
    if (parts[*part].tag == tlv->tag)
      break;
  if (*part == N_PARTS)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, tlv->object.data,
                              "Data object %02X is no part of a PSK identity", tlv->tag);
  if (tlv->value.size < parts[*part].size_min || tlv->value.size > parts[*part].size_max)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, tlv->object.data,
                              "PSK identity has %s of %" G_GSIZE_FORMAT
                              " bytes, not %" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT,
                              parts[*part].name, tlv->value.size, parts[*part].size_min,
                              parts[*part].size_max);
  return TRUE;
}

static gboolean
read_parts (EaSpan *values, EaSpan objects, GError **error)
{
  EaReader reader;
  gsize part;
  EaTlv tlv;

  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0)
    {
      if (!ea_tlv_read_ber (&reader, &tlv, error) || !find_part (&tlv, &part, error))
        return FALSE;
      if (values[part].size > 0)
        return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, tlv.object.data,
                                  "Second %s in a PSK identity", parts[part].name);
      values[part] = tlv.value;
    }
  for (part = 0; part < N_PARTS; part++)
    if (values[part].size == 0)
      return ea_core_error_set (error, EA_CORE_ERROR_MISSING, ea_span_end (objects),
                                "PSK identity has no %s (%02X)", parts[part].name, parts[part].tag);
  return TRUE;
}

static guint8
get_octet (EaSpan value)
{
  EaReader reader;

  ea_reader_init (&reader, value);
  return ea_reader_u8 (&reader);
}

gboolean
ea_sgp02_parse_psk_identity (EaSgp02PskIdentity *out, EaSpan objects, GError **error)
{
  EaSpan values[N_PARTS] = { 0 };

  if (!read_parts (values, objects, error))
    return FALSE;

  *out = (EaSgp02PskIdentity){
    .type = get_octet (values[PART_TYPE]),
    .eid = values[PART_EID],
    .aid = values[PART_AID],
    .key_identifier = get_octet (values[PART_KEY_IDENTIFIER]),
    .key_version = get_octet (values[PART_KEY_VERSION]),
  };
  return TRUE;
}

GBytes *
ea_sgp02_build_psk_identity (const EaSgp02PskIdentity *identity)
{
  g_auto (EaWriter) writer = { 0 };

  g_return_val_if_fail (identity->eid.size == EA_SGP02_EID_SIZE, NULL);
  g_return_val_if_fail (
      identity->aid.size >= EA_SGP02_AID_SIZE_MIN && identity->aid.size <= EA_SGP02_AID_SIZE, NULL);

  ea_writer_init (&writer);
  ea_tlv_write_ber (&writer, TAG_TYPE, ea_span_init (&identity->type, 1));
  ea_tlv_write_ber (&writer, TAG_EID, identity->eid);
  ea_tlv_write_ber (&writer, TAG_AID, identity->aid);
  ea_tlv_write_ber (&writer, TAG_KEY_IDENTIFIER, ea_span_init (&identity->key_identifier, 1));
  ea_tlv_write_ber (&writer, TAG_KEY_VERSION, ea_span_init (&identity->key_version, 1));
  return ea_writer_steal (&writer);
}

/* Reads @n_octets octets of two hexadecimal digits each; the writer has them then. */
static gboolean
read_hex (EaReader *reader, gsize n_octets, EaWriter *writer, GError **error)
{
  while (n_octets-- > 0)
    {
      const guint8 *position = ea_reader_position (reader);
      int high = g_ascii_xdigit_value ((char) ea_reader_u8 (reader));
      int low = g_ascii_xdigit_value ((char) ea_reader_u8 (reader));

      if (!ea_reader_is_ok (reader))
        return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (reader->span),
                                  "Text ends before %" G_GSIZE_FORMAT " bytes in hexadecimal",
                                  n_octets + 1);
      if (high < 0 || low < 0)
        return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, position,
                                  "A character is no hexadecimal digit");
      ea_writer_u8 (writer, (guint8) (high << 4 | low));
    }
  return TRUE;
}

GBytes *
ea_sgp02_decode_psk_identity (EaSpan text, GError **error)
{
  gsize n_octets = text.size / 2;
  g_auto (EaWriter) writer = { 0 };
  EaReader reader;

  if (n_octets > EA_SGP02_PSK_IDENTITY_SIZE_MAX)
    {
      ea_core_error_set (error, EA_CORE_ERROR_LIMIT, text.data,
                         "PSK identity of %" G_GSIZE_FORMAT " bytes, over %d", n_octets,
                         EA_SGP02_PSK_IDENTITY_SIZE_MAX);
      return NULL;
    }

  ea_reader_init (&reader, text);
  ea_writer_init (&writer);
  if (!read_hex (&reader, n_octets, &writer, error))
    return NULL;
  if (!ea_reader_done (&reader))
    {
      ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_reader_position (&reader),
                         "PSK identity has %" G_GSIZE_FORMAT " hexadecimal digits, an odd number",
                         text.size);
      return NULL;
    }
  return ea_writer_steal (&writer);
}

void
ea_sgp02_agent_id_clear (EaSgp02AgentId *id)
{
  g_clear_pointer (&id->eid, g_free);
  g_clear_pointer (&id->aid, g_bytes_unref);
}

static gboolean
read_word (EaReader *reader, const char *word, GError **error)
{
  const guint8 *position = ea_reader_position (reader);
  gsize available = ea_reader_remaining (reader);
  EaSpan expected = ea_span_init (word, strlen (word));

  if (ea_span_equal (ea_reader_bytes (reader, MIN (expected.size, available)), expected))
    return TRUE;
  return ea_core_error_set (
      error, available < expected.size ? EA_CORE_ERROR_TRUNCATED : EA_CORE_ERROR_MALFORMED,
      position, "There is no '%s'", word);
}

static GBytes *
read_application (EaReader *reader, GError **error)
{
  g_auto (EaWriter) writer = { 0 };
  gsize n_digits;

  ea_writer_init (&writer);
  if (!read_hex (reader, RID_SIZE, &writer, error) || !read_word (reader, "/", error))
    return NULL;
  n_digits = ea_reader_remaining (reader);
  if (n_digits > 2 * PIX_SIZE_MAX || n_digits % 2 != 0)
    {
      ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_reader_position (reader),
                         "PIX of %" G_GSIZE_FORMAT
                         " hexadecimal digits, not an even number up to %d",
                         n_digits, 2 * PIX_SIZE_MAX);
      return NULL;
    }
  if (!read_hex (reader, n_digits / 2, &writer, error))
    return NULL;
  return ea_writer_steal (&writer);
}

/* How many decimal digits @text begins with. */
static gsize
count_digits (EaSpan text)
{
  EaReader reader;

  ea_reader_init (&reader, text);
  while (ea_reader_remaining (&reader) > 0 && g_ascii_isdigit ((char) ea_reader_peek_u8 (&reader)))
    (void) ea_reader_u8 (&reader);
  return ea_reader_offset (&reader);
}

static char *
read_eid (EaReader *reader, GError **error)
{
  EaSpan digits = ea_reader_bytes (reader, EA_SGP02_EID_DIGITS);
  gsize n_good = count_digits (digits);
  g_autofree char *eid = g_strndup ((const char *) digits.data, digits.size);

  if (!ea_reader_is_ok (reader))
    {
      ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, ea_span_end (reader->span),
                         "Text ends before an EID of %d digits", EA_SGP02_EID_DIGITS);
      return NULL;
    }
  if (!ea_sgp02_is_eid (eid))
    {
      ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_span_tail (digits, n_good).data,
                         "Character %" G_GSIZE_FORMAT " of the EID is no digit", n_good + 1);
      return NULL;
    }
  return g_steal_pointer (&eid);
}

gboolean
ea_sgp02_parse_agent_id (EaSgp02AgentId *out, EaSpan text, GError **error)
{
  g_auto (EaSgp02AgentId) id = { 0 };
  EaReader reader;

  ea_reader_init (&reader, text);
  if (!read_word (&reader, AGENT_ID_SE, error))
    return FALSE;
  id.eid = read_eid (&reader, error);
  if (id.eid == NULL || !read_word (&reader, AGENT_ID_AA, error))
    return FALSE;
  id.aid = read_application (&reader, error);
  if (id.aid == NULL)
    return FALSE;

  out->eid = g_steal_pointer (&id.eid);
  out->aid = g_steal_pointer (&id.aid);
  return TRUE;
}

/* (transfer full): RID/PIX in hexadecimal */
static char *
format_application (const char *before, EaSpan aid)
{
  g_autofree char *rid = NULL;
  g_autofree char *pix = NULL;

  g_return_val_if_fail (aid.size >= EA_SGP02_AID_SIZE_MIN && aid.size <= EA_SGP02_AID_SIZE, NULL);

  rid = ea_span_to_hex (ea_span_head (aid, RID_SIZE));
  pix = ea_span_to_hex (ea_span_tail (aid, RID_SIZE));
  return g_strconcat (before, rid, "/", pix, NULL);
}

char *
ea_sgp02_build_agent_id (const char *eid, EaSpan aid)
{
  g_autofree char *before = g_strconcat (AGENT_ID_SE, eid, AGENT_ID_AA, NULL);

  return format_application (before, aid);
}

GBytes *
ea_sgp02_parse_targeted_application (EaSpan text, GError **error)
{
  EaReader reader;

  ea_reader_init (&reader, text);
  return read_word (&reader, TARGETED_APPLICATION, error) ? read_application (&reader, error)
                                                          : NULL;
}

char *
ea_sgp02_build_targeted_application (EaSpan aid)
{
  return format_application (TARGETED_APPLICATION, aid);
}
