/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/journal.h"

G_BEGIN_DECLS

/*
 * What a card, a sender of short messages or a server can cause as often as it likes fills no disk: of messages of one kind
 * so many are written within the interval, and one more that says how many were not.
 */
#define EA_JOURNAL_LIMIT_MESSAGES 20
#define EA_JOURNAL_LIMIT_INTERVAL_S 600

/**
 * EaJournalKind:
 * @context: its modem; what else there is in it belongs to the last message
 * @message_id: (nullable):
 * @format: of the message
 *
 * Messages that count together: those of one place in the program, about one modem. They are borrowed.
 */
typedef struct
{
  GLogLevelFlags level;
  EaLogContext context;
  const char *message_id;
  const char *format;
} EaJournalKind;

/* @n_left_out: messages of @kind were not written, of which @last was the last */
typedef void (*EaJournalLeftOutFunc) (const EaJournalKind *kind, guint n_left_out,
                                      const char *last);

/**
 * ea_journal_limit_allow:
 * @message: kept while it is the last that was left out
 *
 * TRUE when it may be written. When any were not, @func is called at the end of the interval, from the main loop or with
 * another message.
 */
gboolean ea_journal_limit_allow (const EaJournalKind *kind, const char *message,
                                 EaJournalLeftOutFunc func);

/* All intervals end now. */
void ea_journal_limit_end (void);

G_END_DECLS
