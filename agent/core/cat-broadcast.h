/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/* One page of a cell broadcast message in GSM, 3GPP TS 23.041 §9.4.1, as the UICC gets it. */

#define EA_CAT_CELL_BROADCAST_PAGE_SIZE 88    /* bytes, TS 31.111 §8.5 */
#define EA_CAT_CELL_BROADCAST_CONTENT_SIZE 82 /* bytes, TS 23.041 §9.4.1.2.5 */

/* Geographical scope of a serial number, TS 23.041 §9.4.1.2.1. */
typedef enum
{
  EA_CAT_SCOPE_CELL_IMMEDIATE,
  EA_CAT_SCOPE_PLMN,
  EA_CAT_SCOPE_LOCATION_AREA,
  EA_CAT_SCOPE_CELL_NORMAL,
} EaCatScope;

/**
 * EaCatCellBroadcastPage:
 * @message_code: 0 to 1023
 * @update_number: 0 to 15
 * @dcs: data coding scheme of TS 23.038 §5
 * @page: @n_pages: 1 to 15; where one of them comes as 0, which is reserved, both are 1 (§9.4.1.2.4)
 * @content: %EA_CAT_CELL_BROADCAST_CONTENT_SIZE bytes, borrowed
 */
typedef struct
{
  EaCatScope scope;
  guint16 message_code;
  guint8 update_number;
  guint16 message_identifier;
  guint8 dcs;
  guint8 page;
  guint8 n_pages;
  EaSpan content;
} EaCatCellBroadcastPage;

/**
 * ea_cat_parse_cell_broadcast_page:
 * @out: (out): untouched on failure
 * @value: of a cell broadcast page object
 *
 * Errors: EA_CORE_ERROR_MALFORMED (not %EA_CAT_CELL_BROADCAST_PAGE_SIZE bytes).
 */
gboolean ea_cat_parse_cell_broadcast_page (EaCatCellBroadcastPage *out, EaSpan value,
                                           GError **error);

/* Writes the value of the object. */
void ea_cat_write_cell_broadcast_page (EaWriter *writer, const EaCatCellBroadcastPage *page);

/**
 * ea_cat_get_cell_broadcast_text:
 *
 * Returns: (transfer full) (nullable): the text of @page in UTF-8 without the padding at its end; %NULL where
 *   its data coding scheme (TS 23.038 §5) says that it is none, compressed or reserved, or where it can't be
 *   rendered
 */
char *ea_cat_get_cell_broadcast_text (const EaCatCellBroadcastPage *page);
