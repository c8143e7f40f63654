/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The toolkit (agent/session/toolkit.h) in front of a modem without a network interface, so that no socket is
 * opened. The input is a list of steps: commands of the card, as bytes or as a well-formed frame, and what may
 * happen meanwhile. Each command gets exactly one TERMINAL RESPONSE, unless the card starts anew before that.
 */

#include <string.h>

#include "core/cat-command.h"
#include "core/cat-response.h"
#include "fuzz.h"
#include "toolkit-rig.h"

#define N_STEPS_MAX 256

/* In the high half of the first octet of a step; a bit of the low half leaves commands open. */
typedef enum
{
  STEP_BYTES,
  STEP_FRAME,
  STEP_SESSION_ENDED,
  STEP_STOP,
  STEP_RESET,
  STEP_MODEM_FAILS,
  STEP_CARD_BUSY,
  STEP_NETWORK,
  N_STEPS
} Step;

#define LEAVE_OPEN 0x01

typedef struct
{
  ToolkitRig *rig;
  guint n_commands;
  guint n_responses;
} Run;

static GLogWriterOutput
drop_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  return G_LOG_WRITER_HANDLED;
}

/* One for all inputs: a reset makes it as new. */
static ToolkitRig *
get_rig (void)
{
  static ToolkitRig *rig;

  if (rig == NULL)
    {
      g_log_set_writer_func (drop_log, NULL, NULL);
      rig = toolkit_rig_new ("no-such0", NULL);
      ea_modem_set_capabilities (EA_MODEM (rig->modem), EA_MODEM_NETWORK);
    }
  return rig;
}

static void
check_response (const char *hex)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaCatResponse response;

  FUZZ_CLAIM (ea_cat_parse_response (&response, ea_span_from_bytes (bytes), NULL));
  FUZZ_CLAIM (!ea_cat_result_needs_additional (response.result.general)
              || response.result.additional.size > 0);
}

static void
read_diary (Run *run)
{
  g_auto (GStrv) lines = g_strsplit (fake_modem_read_diary (run->rig->modem), "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "response 1 "))
      {
        check_response (lines[i] + strlen ("response 1 "));
        run->n_responses++;
      }
  FUZZ_CLAIM (run->n_responses <= run->n_commands);
}

static void
settle (Run *run)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  read_diary (run);
  FUZZ_CLAIM (run->n_responses == run->n_commands);
}

static void
command (Run *run, EaSpan bytes)
{
  g_autofree char *hex = ea_span_to_hex (bytes);

  run->n_commands++;
  toolkit_rig_want (run->rig, hex);
}

static void
frame (Run *run, EaReader *reader)
{
  guint8 type = ea_reader_u8 (reader);
  guint8 qualifier = ea_reader_u8 (reader);
  guint8 destination = ea_reader_u8 (reader);
  guint8 length = ea_reader_u8 (reader);
  EaSpan objects = ea_reader_bytes (reader, MIN (length, ea_reader_remaining (reader)));
  g_auto (EaWriter) body = { 0 };
  g_auto (EaWriter) whole = { 0 };

  ea_writer_init (&body);
  ea_writer_init (&whole);
  ea_writer_u24be (&body, 0x810301);
  ea_writer_u8 (&body, type);
  ea_writer_u8 (&body, qualifier);
  ea_writer_u24be (&body, 0x820281);
  ea_writer_u8 (&body, destination);
  ea_writer_bytes (&body, objects);
  ea_cat_write_object (&whole, 0x50, TRUE, ea_writer_span (&body)); /* with its bit it is D0 */
  command (run, ea_writer_span (&whole));
}

static void
reset (Run *run)
{
  EaModem *modem = EA_MODEM (run->rig->modem);

  ea_modem_set_card (modem, EA_MODEM_CARD_INITIALIZING);
  ea_modem_set_card (modem, EA_MODEM_CARD_READY);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  read_diary (run);
  run->n_commands = run->n_responses;
  FUZZ_CLAIM (ea_toolkit_is_idle (run->rig->toolkit));
  FUZZ_CLAIM (run->rig->n_opened == run->rig->n_closed);
}

static void
change_network (Run *run, EaReader *reader)
{
  guint8 octet = ea_reader_u8 (reader);
  const EaModemNetwork network = { .service = (EaModemService) (octet % 3),
                                   .has_technology = TRUE,
                                   .technology = octet >> 4,
                                   .mcc = "262",
                                   .mnc = "02",
                                   .has_area = TRUE,
                                   .area_code = octet,
                                   .has_cell = TRUE,
                                   .cell = octet };

  fake_modem_set_network (run->rig->modem, &network);
}

static void
take_step (Run *run, Step step, EaReader *reader)
{
  switch (step)
    {
    case STEP_BYTES:
      command (run,
               ea_reader_bytes (reader, MIN (ea_reader_u8 (reader), ea_reader_remaining (reader))));
      break;
    case STEP_FRAME:
      frame (run, reader);
      break;
    case STEP_SESSION_ENDED:
      fake_modem_end_session (run->rig->modem);
      break;
    case STEP_STOP:
      ea_toolkit_stop (run->rig->toolkit);
      break;
    case STEP_RESET:
      reset (run);
      break;
    case STEP_MODEM_FAILS:
      fake_modem_fail (run->rig->modem, EA_MODEM_ERROR_TIMEOUT);
      break;
    case STEP_CARD_BUSY:
      fake_modem_answer (run->rig->modem, "9300");
      break;
    case STEP_NETWORK:
      change_network (run, reader);
      break;
    case N_STEPS:
      break;
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Run run = { .rig = get_rig () };
  EaReader reader;

  ea_reader_init (&reader, ea_span_init (data, size));
  for (guint i = 0; i < N_STEPS_MAX && ea_reader_remaining (&reader) > 0; i++)
    {
      guint8 octet = ea_reader_u8 (&reader);

      take_step (&run, (Step) ((octet >> 4) % N_STEPS), &reader);
      if ((octet & LEAVE_OPEN) == 0)
        settle (&run);
    }
  settle (&run);
  reset (&run);
  return 0;
}
