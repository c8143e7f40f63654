/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Parts that several kinds of items have in common: tags, AIDs, texts, PSK identities (SGP.02 §2.4.4.1). */

#include "ctl/decode-part.h"

#include "core/sgp02.h"

#define LONG_TAG_COMPREHENSION 0x7F /* TS 101 220 §7.1.1: two octets follow */
#define LONG_TAG_COMPREHENSION_SIZE 3

static gsize
get_tag_size (const EaTlv *tlv, gboolean is_comprehension)
{
  gsize size = 1;
  EaReader reader;

  ea_reader_init (&reader, tlv->object);
  if (is_comprehension)
    return ea_reader_peek_u8 (&reader) == LONG_TAG_COMPREHENSION ? LONG_TAG_COMPREHENSION_SIZE : 1;
  for (guint32 tag = tlv->tag; tag > 0xFF; tag >>= 8)
    size++;
  return size;
}

void
ea_decode_add_tag (EaView *view, const EaTlv *tlv, gboolean is_comprehension)
{
  ea_view_add_bytes_here (view, "tag",
                          ea_span_head (tlv->object, get_tag_size (tlv, is_comprehension)));
}

void
ea_decode_add_aid (EaView *view, const char *name, EaSpan aid)
{
  const char *application = ea_sgp02_get_aid_name (aid);

  ea_view_add_bytes_here (view, name, aid);
  if (application != NULL)
    {
      ea_view_cite (view, "SGP.02 §2.2.3");
      ea_view_add_string (view, "application", application);
    }
}

void
ea_decode_add_unexpected (EaView *view, EaSpan objects, guint32 parent, EaDecodePlaceFunc has_place)
{
  gboolean is_open = FALSE;
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0 && ea_tlv_read_ber (&reader, &tlv, NULL))
    {
      if (has_place (parent, tlv.tag))
        continue;
      if (!is_open)
        ea_view_begin_list (view, "unexpected");
      is_open = TRUE;
      ea_view_at (view, tlv.object);
      ea_view_begin_object (view, NULL);
      ea_decode_add_tag (view, &tlv, FALSE);
      ea_view_add_bytes_here (view, "value", tlv.value);
      ea_view_end_object (view);
    }
  if (is_open)
    ea_view_end_list (view);
}

static gboolean
is_printable (const char *text)
{
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    if (!g_unichar_isprint (g_utf8_get_char (c)))
      return FALSE;
  return TRUE;
}

void
ea_decode_add_text (EaView *view, const char *name, EaSpan text)
{
  g_autoptr (GString) copy = g_string_new_len ((const char *) text.data, (gssize) text.size);

  ea_view_at (view, text);
  if (g_utf8_validate_len (copy->str, copy->len, NULL) && is_printable (copy->str))
    ea_view_add_string (view, name, copy->str);
  else
    ea_view_add_bytes (view, name, text);
}

void
ea_decode_add_psk_identity (EaView *view, const EaSgp02PskIdentity *identity)
{
  g_autofree char *eid = ea_span_to_hex (identity->eid);

  ea_view_cite (view, "SGP.02 §2.4.4.1 table 4");
  ea_view_add_named (view, "type", identity->type,
                     identity->type == EA_SGP02_PSK_IDENTITY_QUALIFIED
                         ? "fully qualified identity, random key"
                         : NULL);
  ea_view_cite (view, "SGP.02 §2.2.2");
  ea_view_add_bytes_here (view, "eid", identity->eid);
  ea_view_cite (view, "SGP.02 §2.2.2");
  ea_view_add_boolean (view, "eid_check_digits_valid", ea_sgp02_has_check_digits (eid));
  ea_decode_add_aid (view, "aid", identity->aid);
  ea_view_add_number (view, "key_identifier", identity->key_identifier);
  ea_view_add_number (view, "key_version", identity->key_version);
}

void
ea_decode_add_psk_identity_value (EaView *view, EaSpan identity)
{
  g_autoptr (GBytes) binary = ea_sgp02_decode_psk_identity (identity, NULL);
  EaSgp02PskIdentity parts;

  ea_view_cite (view, "GlobalPlatform Amendment B §3.8.2");
  ea_view_add_bytes_here (view, "psk_identity", identity);
  if (!ea_sgp02_parse_psk_identity (&parts, identity, NULL)
      && (binary == NULL
          || !ea_sgp02_parse_psk_identity (&parts, ea_span_from_bytes (binary), NULL)))
    return;
  ea_view_begin_object (view, "psk_identity_parts");
  ea_decode_add_psk_identity (view, &parts);
  ea_view_end_object (view);
}
