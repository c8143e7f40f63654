/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * BER-TLV (ISO 8825-1, tags of one or two octets) and COMPREHENSION-TLV (ETSI TS 101 220 §7.1.1) as
 * the simulated card and SM-SR read and write them.
 */

typedef struct
{
  guint tag;
  EaSpan value;
} SimTlv;

/* A length of one to four octets: 00..7F, 81 XX, 82 XXXX, 83 XXXXXX. Marks @reader failed
 * otherwise. */
gsize sim_tlv_read_length (EaReader *reader);

/* One BER-TLV; marks @reader failed when it is not whole. The value borrows from the reader. */
SimTlv sim_tlv_read (EaReader *reader);

/* One COMPREHENSION-TLV with a tag of one octet, which is given without its CR bit. */
SimTlv sim_tlv_read_comprehension (EaReader *reader);

/* Each finds the first object with @tag in @list; FALSE and @value untouched when there is none
 * before the end or before something that is no TLV. */
gboolean sim_tlv_find (EaSpan list, guint tag, EaSpan *value);
gboolean sim_tlv_find_comprehension (EaSpan list, guint tag, EaSpan *value);

void sim_tlv_write_length (EaWriter *writer, gsize length);

/* @tag with one or two octets, the shortest length, @value. */
void sim_tlv_write (EaWriter *writer, guint tag, EaSpan value);
