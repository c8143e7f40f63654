/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whose packet a short message is (agent/session/sorter.h). The input is a list of messages, each a TPDU with its length
 * in front, and of steps in time; each message that is held must come back exactly once.
 */

#include "fuzz.h"
#include "session/sorter.h"

#define OP_TICK 0xC0 /* b8b7; the other bits are the time. Else the length of a TPDU */
#define STEP_US (10 * G_USEC_PER_SEC)
#define TAR_OF_AGENT 0x000001

typedef struct
{
  EaSorter *sorter;
  guint n_held;
  guint n_back;
  gint64 now_us;
} Run;

static gboolean
holds_key (const EaScp80Target *target, gpointer user_data)
{
  return target->tar == TAR_OF_AGENT;
}

static void
pull_news (Run *run)
{
  for (;;)
    {
      g_auto (EaSorted) sorted = { 0 };

      if (!ea_sorter_pull (run->sorter, &sorted))
        return;
      FUZZ_CLAIM (sorted.messages->len > 0);
      FUZZ_CLAIM (sorted.news != EA_SORTER_FOR_AGENT || sorted.packet != NULL);
      run->n_back += sorted.messages->len;
      FUZZ_CLAIM (run->n_back <= run->n_held);
    }
}

/* Takes @message. */
static void
receive (Run *run, EaShortMessage *message)
{
  EaSmsAddress originator;
  EaSpan packet = EA_SPAN_EMPTY;

  switch (ea_sorter_look (run->sorter, message, &packet, &originator, run->now_us))
    {
    case EA_SORTER_CARD:
      break;
    case EA_SORTER_PACKET:
      FUZZ_CLAIM (packet.size >= EA_SCP80_TARGET_SIZE);
      break;
    case EA_SORTER_SEGMENT:
      run->n_held++;
      ea_sorter_hold (run->sorter, message, run->now_us);
      return;
    }
  ea_short_message_free (message);
}

static void
step (Run *run, EaReader *reader)
{
  guint8 operation = ea_reader_u8 (reader);

  if ((operation & OP_TICK) == OP_TICK)
    {
      run->now_us += (operation & ~OP_TICK) * STEP_US;
      ea_sorter_tick (run->sorter, run->now_us);
    }
  else
    {
      EaShortMessage *message = g_new0 (EaShortMessage, 1);
      gsize size = MIN (operation, ea_reader_remaining (reader));

      message->smsc = g_bytes_new (NULL, 0);
      message->tpdu = ea_span_to_bytes (ea_reader_bytes (reader, size));
      receive (run, message);
    }
  pull_news (run);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Run run = { .sorter = ea_sorter_new (holds_key, NULL) };
  EaReader reader;

  ea_reader_init (&reader, ea_span_init (data, size));
  while (ea_reader_remaining (&reader) > 0)
    step (&run, &reader);
  ea_sorter_tick (run.sorter, G_MAXINT64);
  pull_news (&run);
  FUZZ_CLAIM (run.n_back == run.n_held);
  FUZZ_CLAIM (ea_sorter_deadline (run.sorter) == EA_SMS_REASSEMBLY_NEVER);
  ea_sorter_free (run.sorter);
  return 0;
}
