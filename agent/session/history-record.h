/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/bytes.h"

G_BEGIN_DECLS

/* One entry of the history, and its bytes in the store. */

/* Bytes of a text; what is longer is cut. */
#define EA_HISTORY_TEXT_MAX 512

typedef enum
{
  EA_HISTORY_EVENT,
  EA_HISTORY_EID,
  EA_HISTORY_SESSION,
  EA_HISTORY_TRANSPORT,
  EA_HISTORY_RESULT,
  EA_HISTORY_DETAIL,
  EA_HISTORY_N_TEXTS
} EaHistoryText;

/* @time_us: microseconds of real time; @texts: UTF-8, never %NULL */
typedef struct
{
  guint64 time_us;
  char *texts[EA_HISTORY_N_TEXTS];
} EaHistoryRecord;

/* @texts: %NULL is empty; what is no UTF-8 is replaced */
EaHistoryRecord *ea_history_record_new (guint64 time_us,
                                        const char *const texts[EA_HISTORY_N_TEXTS]);
void ea_history_record_free (EaHistoryRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaHistoryRecord, ea_history_record_free)

/* (transfer full) */
GBytes *ea_history_record_build (const EaHistoryRecord *record);

/* (transfer full) (nullable): %NULL when @bytes are not what ea_history_record_build() makes */
EaHistoryRecord *ea_history_record_parse (EaSpan bytes);

/* (transfer full): floating, a{sv}: "time" t, and the texts s under their names */
GVariant *ea_history_record_to_variant (const EaHistoryRecord *record);

G_END_DECLS
