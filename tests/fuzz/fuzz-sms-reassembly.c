/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reassembly of short messages (agent/core/sms-reassembly.h). The input is a list of segments and of steps
 * in time; each segment's name must come back in exactly one event, or still be held at the end.
 */

#include "core/sms-reassembly.h"
#include "fuzz.h"

#define TIMEOUT_US 1000
#define STEP_US 100
#define OP_TICK 0x80 /* else a segment: bits 1 to 0 reference, 2 width, 3 originator, 4 secured */
#define N_NAMES_MAX 4096

/* @is_back: element i: the segment with the name i came back */
typedef struct
{
  EaSmsReassembly reassembly;
  GArray *is_back;
  gint64 now_us;
} Run;

static void
take_name (Run *run, guint64 name)
{
  gboolean *is_back;

  FUZZ_CLAIM (name < run->is_back->len);
  is_back = &g_array_index (run->is_back, gboolean, name);
  FUZZ_CLAIM (!*is_back);
  *is_back = TRUE;
}

static void
pull_events (Run *run)
{
  EaSmsReassemblyEvent event;

  while (ea_sms_reassembly_pull_event (&run->reassembly, &event))
    {
      gboolean is_complete = event.news == EA_SMS_REASSEMBLY_COMPLETE;

      FUZZ_CLAIM ((event.payload != NULL) == is_complete);
      FUZZ_CLAIM (event.names->len > 0);
      FUZZ_CLAIM (!is_complete || event.concatenation.total == 0
                  || event.names->len == event.concatenation.total);
      for (guint i = 0; i < event.names->len; i++)
        take_name (run, g_array_index (event.names, guint64, i));
      ea_sms_reassembly_event_clear (&event);
    }
}

static void
receive (Run *run, guint8 operation, EaReader *reader)
{
  EaSmsAddress originator = { .ton = 1, .npi = 1 };
  EaSmsUserData data = { 0 };
  guint64 name = run->is_back->len;

  originator.digits[0] = (operation & 0x08) != 0 ? '1' : '2';
  data.concatenation.reference = operation & 0x03;
  data.concatenation.has_wide_reference = (operation & 0x04) != 0;
  data.concatenation.total = ea_reader_u8 (reader);
  data.concatenation.index = ea_reader_u8 (reader);
  data.secured = (operation & 0x10) != 0 ? EA_SMS_SECURED_COMMAND : EA_SMS_SECURED_NONE;
  data.payload = ea_reader_bytes (reader, ea_reader_peek_u8 (reader) & 0x0F);

  g_array_set_size (run->is_back, run->is_back->len + 1);
  ea_sms_reassembly_receive (&run->reassembly, &originator, &data, name, run->now_us);
}

static void
check_state (Run *run)
{
  gint64 deadline_us = ea_sms_reassembly_deadline (&run->reassembly);
  guint n_messages = ea_sms_reassembly_count_messages (&run->reassembly);

  FUZZ_CLAIM (n_messages <= EA_SMS_REASSEMBLY_MESSAGES_MAX);
  FUZZ_CLAIM (ea_sms_reassembly_count_bytes (&run->reassembly) <= EA_SMS_REASSEMBLY_BYTES_MAX);
  FUZZ_CLAIM ((n_messages == 0) == (deadline_us == EA_SMS_REASSEMBLY_NEVER));
  FUZZ_CLAIM (n_messages == 0 || deadline_us > run->now_us);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Run run = { .is_back = g_array_new (FALSE, TRUE, sizeof (gboolean)) };
  EaReader reader;

  ea_sms_reassembly_init (&run.reassembly, TIMEOUT_US);
  ea_reader_init (&reader, ea_span_init (data, size));
  while (ea_reader_remaining (&reader) > 0 && run.is_back->len < N_NAMES_MAX)
    {
      guint8 operation = ea_reader_u8 (&reader);

      if ((operation & OP_TICK) != 0)
        {
          run.now_us += (operation & 0x0F) * STEP_US;
          ea_sms_reassembly_tick (&run.reassembly, run.now_us);
        }
      else
        receive (&run, operation, &reader);
      pull_events (&run);
      check_state (&run);
    }

  ea_sms_reassembly_tick (&run.reassembly, run.now_us + TIMEOUT_US);
  pull_events (&run);
  FUZZ_CLAIM (ea_sms_reassembly_count_messages (&run.reassembly) == 0);
  FUZZ_CLAIM (ea_sms_reassembly_count_bytes (&run.reassembly) == 0);
  for (guint i = 0; i < run.is_back->len; i++)
    FUZZ_CLAIM (g_array_index (run.is_back, gboolean, i));
  ea_sms_reassembly_clear (&run.reassembly);
  g_array_unref (run.is_back);
  return 0;
}
