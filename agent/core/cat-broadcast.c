/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pages of cell broadcast, TS 23.041 §9.4.1, and their text, TS 23.038 §5. */

#include "core/cat-broadcast.h"

#include "core/cat-object.h"
#include "core/text.h"

/* §9.4.1.2.1: serial number: scope (2 bits), message code (10), update number (4) */
#define SCOPE_SHIFT 14
#define MESSAGE_CODE_SHIFT 4
#define MESSAGE_CODE_MASK 0x3FF
#define UPDATE_NUMBER_MASK 0x0F

/* §9.4.1.2.4: page parameter: page (4 bits), number of pages (4) */
#define PAGE_SHIFT 4
#define N_PAGES_MASK 0x0F

/* TS 23.038 §5 and §6.1.2.2 */
#define SEPTETS_IN_CONTENT 93 /* §6.1.2.2: characters of 7 bits in 82 octets */
#define LANGUAGE_CHARACTERS 3 /* two letters and a CR before a text of scheme 10 */
#define LANGUAGE_OCTETS 2     /* two letters before a text of scheme 11 */
#define DCS_7BIT_LANGUAGE 0x10
#define DCS_UCS2_LANGUAGE 0x11

gboolean
ea_cat_parse_cell_broadcast_page (EaCatCellBroadcastPage *out, EaSpan value, GError **error)
{
  EaCatCellBroadcastPage page = { 0 };
  EaReader reader;
  guint16 serial_number;
  guint8 parameter;

  if (!ea_cat_check_size (EA_CAT_TAG_CELL_BROADCAST_PAGE, value, EA_CAT_CELL_BROADCAST_PAGE_SIZE,
                          EA_CAT_CELL_BROADCAST_PAGE_SIZE, error))
    return FALSE;

  ea_reader_init (&reader, value);
  serial_number = ea_reader_u16be (&reader);
  page.scope = (EaCatScope) (serial_number >> SCOPE_SHIFT);
  page.message_code = serial_number >> MESSAGE_CODE_SHIFT & MESSAGE_CODE_MASK;
  page.update_number = serial_number & UPDATE_NUMBER_MASK;
  page.message_identifier = ea_reader_u16be (&reader);
  page.dcs = ea_reader_u8 (&reader);
  parameter = ea_reader_u8 (&reader);
  page.page = parameter >> PAGE_SHIFT;
  page.n_pages = parameter & N_PAGES_MASK;
  if (page.page == 0 || page.n_pages == 0)
    page.page = page.n_pages = 1;
  page.content = ea_reader_rest (&reader);

  *out = page;
  return TRUE;
}

void
ea_cat_write_cell_broadcast_page (EaWriter *writer, const EaCatCellBroadcastPage *page)
{
  ea_writer_u16be (writer, (guint16) ((guint) page->scope << SCOPE_SHIFT
                                      | (guint) page->message_code << MESSAGE_CODE_SHIFT
                                      | page->update_number));
  ea_writer_u16be (writer, page->message_identifier);
  ea_writer_u8 (writer, page->dcs);
  ea_writer_u8 (writer, (guint8) (page->page << PAGE_SHIFT | page->n_pages));
  ea_writer_bytes (writer, page->content);
}

/* How the text is coded, TS 23.038 §5; none: there is no text. */
typedef enum
{
  CODING_NONE,
  CODING_7BIT,
  CODING_UCS2,
} Coding;

static char *
get_septets_text (const EaCatCellBroadcastPage *page)
{
  g_autofree char *text = ea_text_decode_septets (page->content, SEPTETS_IN_CONTENT, 0, NULL);

  if (text == NULL || page->dcs != DCS_7BIT_LANGUAGE)
    return g_steal_pointer (&text);
  return g_strdup (g_utf8_offset_to_pointer (text, LANGUAGE_CHARACTERS));
}

/* The two bits of an alphabet: 7 bit, 8 bit, UCS2, reserved. */
static Coding
get_alphabet (guint bits)
{
  static const Coding codings[] = { CODING_7BIT, CODING_NONE, CODING_UCS2, CODING_NONE };

  return codings[bits & 0x03];
}

static Coding
get_coding (guint8 dcs)
{
  switch (dcs >> 4)
    {
    case 0x0: /* languages */
    case 0x2:
    case 0x3:
      return CODING_7BIT;
    case 0x1:
      return dcs == DCS_UCS2_LANGUAGE ? CODING_UCS2 : CODING_7BIT;
    case 0x4: /* general data coding */
    case 0x5:
      return get_alphabet (dcs >> 2);
    case 0x9: /* with a user data header, which nobody reads here */
      return CODING_NONE;
    case 0xF:
      return (dcs & 0x04) != 0 ? CODING_NONE : CODING_7BIT;
    default: /* compressed, other standards, reserved */
      return CODING_NONE;
    }
}

char *
ea_cat_get_cell_broadcast_text (const EaCatCellBroadcastPage *page)
{
  EaSpan content = page->content;
  char *text = NULL;

  switch (get_coding (page->dcs))
    {
    case CODING_NONE:
      return NULL;
    case CODING_7BIT:
      text = get_septets_text (page);
      break;
    case CODING_UCS2:
      if (page->dcs == DCS_UCS2_LANGUAGE)
        content = ea_span_tail (content, LANGUAGE_OCTETS);
      text = ea_text_decode_ucs2 (content, NULL);
      break;
    }
  return text != NULL ? g_strchomp (text) : NULL;
}
