/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "card.h"
#include "core/bytes.h"

/*
 * A terminal for the simulated card under test: it fetches and executes proactive commands and has
 * one channel, whose far end is the test. It behaves as TS 102 223 has it: data are announced when
 * they come into an empty buffer and again after each RECEIVE DATA that leaves some, a dropped link
 * is told after the last of them.
 */

/**
 * TestEdit: what is done to an object of a response or an event, or to an event or a datagram
 * @TEST_EDIT_LONG_LENGTH: 81 before a length that needs none
 * @TEST_EDIT_RAW_LENGTH: one octet for a length that needs two
 * @TEST_EDIT_STYLE: the other comprehension bit
 */
typedef enum
{
  TEST_EDIT_DROP,
  TEST_EDIT_REPLACE,
  TEST_EDIT_LONG_LENGTH,
  TEST_EDIT_RAW_LENGTH,
  TEST_EDIT_STYLE,
  TEST_EDIT_DOUBLE_EVENT,
  TEST_EDIT_NO_EVENT_AGAIN,
  TEST_EDIT_EARLY_DROP,
  TEST_EDIT_NO_MESSAGE,
  TEST_EDIT_LOSE_SENT,
  TEST_EDIT_DOUBLE_SENT,
  TEST_EDIT_LOSE_RECEIVED,
  TEST_EDIT_DOUBLE_RECEIVED,
  TEST_EDIT_MERGE_RECEIVED,
} TestEdit;

/* One thing that a terminal does wrong, and what the operation says of it */
typedef struct
{
  const char *name;
  const char *via;
  guint8 type; /* of the command that is answered wrong; D6: an event */
  TestEdit edit;
  guint8 tag;        /* without comprehension bit */
  const char *value; /* in hexadecimal, to replace the right one */
  const char *complaint;
} TestMischief;

extern const TestMischief test_mischiefs[];
extern const gsize test_n_mischiefs;

/* Timers of a terminal, TS 102 223 §8.37 */
#define TEST_TERMINAL_TIMERS 8

typedef struct
{
  SimCard *card;
  gint64 now_us;
  const TestMischief *mischief; /* NULL: the terminal does nothing wrong */
  guint n_mischiefs;            /* that it did so far */
  gboolean has_channel;
  gboolean is_datagram;
  guint16 buffer_max;   /* that a channel gets; 0: what it asks for */
  guint16 buffer_size;  /* of the channel */
  GByteArray *stored;   /* by SEND DATA and not flushed */
  GQueue sent;          /* GBytes, one for each flush */
  GByteArray *received; /* that the card can fetch */
  GQueue datagrams;     /* GBytes behind them */
  gboolean is_data_due; /* to be announced */
  gboolean has_dropped;
  gboolean tells_location; /* when the card has set up its event list after a REFRESH */
  gboolean is_fresh;       /* after a REFRESH */
  gboolean is_location_due;
  guint timers_s[TEST_TERMINAL_TIMERS + 1]; /* that run; by identifier; 0: it does not */
  guint n_refused;                          /* OPEN CHANNEL to be answered with 3A07 */
  guint n_opened;
  guint n_refreshes;
  guint n_messages;  /* SEND SHORT MESSAGE */
  GQueue messages;   /* GBytes: their TPDUs */
  GString *commands; /* types of what was fetched, each followed by a blank */
} TestTerminal;

/* TERMINAL PROFILE of a host with the bearer independent protocol and no user */
#define TEST_TERMINAL_PROFILE "80100000193301e842111c00078000001fe2600000434000000000000050"

/* The card gets its TERMINAL PROFILE. */
void test_terminal_init (TestTerminal *terminal, SimCard *card);
void test_terminal_clear (TestTerminal *terminal);

/* Fetches, executes and tells events until nothing is left to do, or there is something to be pulled:
 * then pull it and call again. A REFRESH resets the card, which
 * then gets a TERMINAL PROFILE. */
void test_terminal_run (TestTerminal *terminal);

/* The clock goes on to @now_us. */
void test_terminal_tick (TestTerminal *terminal, gint64 now_us);

/* The timer, which has to run, expires, and the card is told. */
void test_terminal_expire (TestTerminal *terminal, guint8 identifier);

/* Takes a command APDU in hexadecimal to the card, which must take it. */
void test_terminal_command (TestTerminal *terminal, const char *command);

/* (transfer full) (nullable): what the card flushed next */
GBytes *test_terminal_pull (TestTerminal *terminal);

/* From the network: part of a stream or one datagram */
void test_terminal_push (TestTerminal *terminal, EaSpan data);

/* The peer has gone. */
void test_terminal_drop (TestTerminal *terminal);
