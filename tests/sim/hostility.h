/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"

/*
 * A part of the simulator that turns against the agent: some of what it would send is spoilt, as a random number says.
 * The rest stays right, so that what is wrong comes everywhere, also late in an exchange. Control command "hostile".
 */

/* What can turn hostile, as bits */
typedef enum
{
  SIM_HOSTILE_QMI = 1 << 0,
  SIM_HOSTILE_CARD = 1 << 1,
  SIM_HOSTILE_HTTPS = 1 << 2,
  SIM_HOSTILE_CAT_TP = 1 << 3,
  SIM_HOSTILE_DNS = 1 << 4,
  SIM_HOSTILE_ALL = (1 << 5) - 1,
} SimHostilePart;

/* What is done to a message, part by part; the names are in hostility.c */
typedef enum
{
  SIM_HOSTILE_QMI_TWICE,
  SIM_HOSTILE_QMI_RESULT,
  SIM_HOSTILE_QMI_TLV_TYPE,
  SIM_HOSTILE_QMI_TLV_VALUE,
  SIM_HOSTILE_QMI_TLV_LOST,
  SIM_HOSTILE_QMI_CUT,
  SIM_HOSTILE_QMI_LONGER,
  SIM_HOSTILE_QMI_TLV_LENGTH,
  SIM_HOSTILE_QMI_LATE,
  SIM_HOSTILE_QMI_LOST,
  SIM_HOSTILE_QMI_CLIENT,
  SIM_HOSTILE_QMI_TRANSACTION,
  SIM_HOSTILE_QMI_SERVICE,
  SIM_HOSTILE_QMI_MESSAGE,
  SIM_HOSTILE_QMI_KIND,
  SIM_HOSTILE_QMI_FRAMING,
  SIM_HOSTILE_CARD_STATUS,
  SIM_HOSTILE_CARD_DATA,
  SIM_HOSTILE_HTTP_STATUS,
  SIM_HOSTILE_HTTP_FIELD,
  SIM_HOSTILE_HTTP_LENGTH,
  SIM_HOSTILE_HTTP_CHUNKS,
  SIM_HOSTILE_HTTP_BODY,
  SIM_HOSTILE_HTTP_SCRIPT,
  SIM_HOSTILE_HTTP_OCTETS,
  SIM_HOSTILE_HTTP_ENDLESS,
  SIM_HOSTILE_HTTP_TORN,
  SIM_HOSTILE_TLS_ALERT,
  SIM_HOSTILE_TLS_RECORD,
  SIM_HOSTILE_TCP_HALF,
  SIM_HOSTILE_TCP_RESET,
  SIM_HOSTILE_PDU_FIELD,
  SIM_HOSTILE_PDU_DATA,
  SIM_HOSTILE_PDU_OCTETS,
  SIM_HOSTILE_PDU_TWICE,
  SIM_HOSTILE_PDU_LOST,
  SIM_HOSTILE_DNS_OCTETS,
  SIM_HOSTILE_DNS_COUNTS,
  SIM_HOSTILE_KINDS,
} SimHostileKind;

/**
 * SimHostility:
 * @random: (nullable): %NULL: it is not hostile
 * @percent: of the messages that are spoilt
 * @parts: of SimHostilePart
 * @counts: how many messages were spoilt in which way, since the simulator began
 */
typedef struct
{
  GRand *random;
  guint percent;
  guint parts;
  guint counts[SIM_HOSTILE_KINDS];
} SimHostility;

/* @seed: the same gives the same random numbers. It may be hostile already. */
void sim_hostility_begin (SimHostility *self, guint32 seed, guint percent, guint parts);
void sim_hostility_end (SimHostility *self);

/* Seconds to wait for an answer instead of @seconds: to one that is hostile it often does not come. */
guint sim_hostility_shorten (const SimHostility *self, guint seconds);

/* Whether the next message of @part is to be spoilt. @self: (nullable) */
gboolean sim_hostility_strikes (SimHostility *self, SimHostilePart part);

/* Less than @limit, and not negative; only of one that strikes */
guint sim_hostility_draw (SimHostility *self, guint limit);

/* (transfer full): octets, each drawn; those at limits are more likely than others. */
GBytes *sim_hostility_draw_octets (SimHostility *self, guint size);

/* One of @first to @last, which is counted */
SimHostileKind sim_hostility_choose (SimHostility *self, SimHostileKind first, SimHostileKind last);

/* (transfer full): @octets, some of them cut off, added, put in, left out, repeated or changed */
GBytes *sim_hostility_spoil (SimHostility *self, EaSpan octets);

/* Appends " NAME=COUNT" for each kind that there was. */
void sim_hostility_describe (const SimHostility *self, GString *text);

/* FALSE: @word names no part. */
gboolean sim_hostility_find_part (const char *word, guint *part);
