/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Texts and numbers of toolkit objects, as the microscope shows them. */

#include "core/cat-number.h"
#include "core/cat-value.h"
#include "core/text.h"
#include "ctl/decode-cat-private.h"

/* TS 23.038 §5: data coding schemes of cell broadcast and USSD */
#define USSD_DCS_GROUP 0xF0
#define USSD_DCS_GROUP_LANGUAGE_PREFIX 0x10
#define USSD_DCS_UCS2_AFTER_LANGUAGE 0x11
#define USSD_DCS_GENERAL 0x40
#define USSD_DCS_GENERAL_MASK 0xC0
#define USSD_DCS_GROUP_DATA 0xF0
#define USSD_DCS_GROUP_HEADER 0x90
#define USSD_DCS_8BIT 0x04
#define USSD_DCS_ALPHABET 0x0C

gboolean
ea_decode_add_alpha (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                     GError **error)
{
  g_autofree char *text = ea_text_decode_alpha (value, error);

  if (text == NULL)
    return FALSE;
  ea_view_add_string (view, key, text);
  return TRUE;
}

gboolean
ea_decode_add_text_string (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                           GError **error)
{
  guint8 dcs = 0;
  g_autofree char *text = ea_text_decode_text_string (value, &dcs, error);

  if (text == NULL)
    return FALSE;
  ea_view_add_string (view, key, text);
  if (key == row->key && value.size > 0)
    {
      ea_decode_place (view, row->tag, ea_span_head (value, 1));
      ea_view_add_number (view, row->tag == EA_CAT_TAG_TEXT_STRING ? "dcs" : "default_text_dcs",
                          dcs);
    }
  return TRUE;
}

/* The data coding scheme of a text string that is coded like the USSD string with @dcs. */
static guint8
get_text_dcs (guint8 dcs)
{
  guint8 alphabet = dcs & USSD_DCS_ALPHABET;

  if (dcs == USSD_DCS_UCS2_AFTER_LANGUAGE)
    return EA_TEXT_DCS_UCS2;
  if ((dcs & USSD_DCS_GROUP) == USSD_DCS_GROUP_DATA)
    return (dcs & USSD_DCS_8BIT) != 0 ? EA_TEXT_DCS_8BIT : EA_TEXT_DCS_PACKED;
  if ((dcs & USSD_DCS_GENERAL_MASK) == USSD_DCS_GENERAL
      || (dcs & USSD_DCS_GROUP) == USSD_DCS_GROUP_HEADER)
    return alphabet == EA_TEXT_DCS_UCS2 || alphabet == EA_TEXT_DCS_8BIT ? alphabet
                                                                        : EA_TEXT_DCS_PACKED;
  return EA_TEXT_DCS_PACKED;
}

gboolean
ea_decode_add_ussd (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                    GError **error)
{
  g_auto (EaWriter) writer = { 0 };
  g_autofree char *text = NULL;
  EaReader reader;
  guint8 dcs;

  if (!ea_cat_check_size ((EaCatTag) row->tag, value, 1, EA_TLV_LENGTH_MAX, error))
    return FALSE;
  ea_reader_init (&reader, value);
  dcs = ea_reader_u8 (&reader);
  ea_writer_init (&writer);
  ea_writer_u8 (&writer, get_text_dcs (dcs));
  ea_writer_bytes (&writer, ea_reader_rest (&reader));
  text = ea_text_decode_text_string (ea_writer_span (&writer), NULL, NULL);
  ea_view_begin_object (view, key);
  ea_view_add_number (view, "dcs", dcs);
  if (text != NULL)
    ea_view_add_string (view, "text", text);
  ea_view_add_bytes_here (view, "data", ea_span_tail (value, 1));
  ea_view_end_object (view);
  return TRUE;
}

/* ASCII as a string, and what is none as bytes. */
gboolean
ea_decode_add_characters (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                          GError **error)
{
  g_autofree char *text = g_strndup ((const char *) value.data, value.size);
  EaReader reader;
  guint8 octet = ' ';

  ea_reader_init (&reader, value);
  while (ea_reader_remaining (&reader) > 0
         && (g_ascii_isprint ((char) octet) || g_ascii_isspace ((char) octet)))
    octet = ea_reader_u8 (&reader);
  if (g_ascii_isprint ((char) octet) || g_ascii_isspace ((char) octet))
    ea_view_add_string (view, key, text != NULL ? text : "");
  else
    ea_view_add_bytes (view, key, value);
  return TRUE;
}

gboolean
ea_decode_add_item (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                    GError **error)
{
  g_autofree char *text = NULL;
  EaCatItem item;

  if (!ea_cat_parse_item (&item, value, error))
    return FALSE;
  text = ea_text_decode_alpha (item.text, error);
  if (text == NULL)
    return FALSE;
  ea_view_begin_object (view, key);
  if (!item.is_null)
    {
      ea_view_add_number (view, "identifier", item.identifier);
      ea_view_at (view, item.text);
      ea_view_add_string (view, "text", text);
    }
  ea_view_end_object (view);
  return TRUE;
}

gboolean
ea_decode_add_number (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                      GError **error)
{
  g_autofree char *digits = NULL;
  EaCatAddress address;
  gboolean is_read = row->tag == EA_CAT_TAG_SS_STRING
                         ? ea_cat_parse_ss_string (&address, value, error)
                         : ea_cat_parse_address (&address, value, error);

  if (!is_read)
    return FALSE;
  digits = ea_cat_digits_to_text (address.digits);
  ea_view_begin_object (view, key);
  ea_view_add_number (view, "ton", address.ton);
  ea_view_add_number (view, "npi", address.npi);
  ea_view_at (view, address.digits);
  ea_view_add_string (view, "digits", digits);
  ea_view_end_object (view);
  return TRUE;
}

gboolean
ea_decode_add_digits (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                      GError **error)
{
  g_autofree char *digits = ea_cat_digits_to_text (value);

  ea_view_add_string (view, key, digits);
  return TRUE;
}

/* The octets as well, when there is more to see in them than the digits. */
gboolean
ea_decode_add_identity (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                        GError **error)
{
  gboolean is_imei = row->tag == EA_CAT_TAG_IMEI;
  EaCatEquipmentIdentity identity;

  if (!(is_imei ? ea_cat_parse_imei_digits (&identity, value, error)
                : ea_cat_parse_imeisv_digits (&identity, value, error)))
    return FALSE;
  ea_view_add_string (view, key, identity.digits);
  if (is_imei ? ea_cat_parse_imei (&identity, value, NULL)
              : ea_cat_parse_imeisv (&identity, value, NULL))
    return TRUE;
  ea_decode_place (view, row->tag, value);
  ea_view_add_bytes (view, is_imei ? "imei_octets" : "imeisv_octets", value);
  return TRUE;
}

gboolean
ea_decode_add_date_time (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                         GError **error)
{
  g_autofree char *text = NULL;
  EaCatDateTime date_time;

  if (!ea_cat_parse_date_time (&date_time, value, error))
    return FALSE;
  text = ea_cat_date_time_to_text (&date_time);
  ea_view_add_string (view, key, text);
  return TRUE;
}

gboolean
ea_decode_add_timer_value (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                           GError **error)
{
  g_autofree char *text = NULL;
  EaCatTimerValue timer;

  if (!ea_cat_parse_timer_value (&timer, value, error))
    return FALSE;
  text = g_strdup_printf ("%02u:%02u:%02u", timer.hours, timer.minutes, timer.seconds);
  ea_view_add_string (view, key, text);
  return TRUE;
}

static gboolean
add_text_attribute (EaView *view, const char *key, EaSpan value, GError **error)
{
  EaCatTextAttribute attribute;

  if (!ea_cat_parse_text_attribute (&attribute, value, error))
    return FALSE;
  ea_view_begin_object (view, key);
  ea_view_add_number (view, "start", attribute.start);
  ea_view_add_number (view, "length", attribute.length);
  ea_view_add_number (view, "mode", attribute.mode);
  if (attribute.has_colour)
    ea_view_add_number (view, "colour", attribute.colour);
  ea_view_end_object (view);
  return TRUE;
}

/* The size of each of several attributes: those of a list are all of one kind. */
static gsize
get_attribute_size (gsize size)
{
  return size % EA_CAT_TEXT_ATTRIBUTE_SIZE != 0 && size % EA_CAT_TEXT_ATTRIBUTE_SIZE_MIN == 0
             ? EA_CAT_TEXT_ATTRIBUTE_SIZE_MIN
             : EA_CAT_TEXT_ATTRIBUTE_SIZE;
}

/* One text may have several attributes, TS 102 223 §8.72; the list has one for each item, §8.73. */
gboolean
ea_decode_add_text_attributes (EaView *view, const EaCatRow *row, const char *key, EaSpan value,
                               GError **error)
{
  gsize one_size = get_attribute_size (value.size);
  EaReader reader;

  if (value.size == one_size && row->tag == EA_CAT_TAG_TEXT_ATTRIBUTE)
    return add_text_attribute (view, key, value, error);
  ea_view_begin_list (view, key);
  ea_reader_init (&reader, value);
  while (ea_reader_remaining (&reader) > 0)
    {
      gsize size = MIN (ea_reader_remaining (&reader), one_size);
      EaSpan one = ea_reader_bytes (&reader, size);

      ea_view_at (view, one);
      if (!add_text_attribute (view, NULL, one, error))
        return FALSE;
    }
  ea_view_end_list (view);
  return TRUE;
}
