/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Proactive commands of a hostile card (agent/core/cat.h), their responses, and download envelopes. */

#include <string.h>

#include "core/apdu.h"
#include "core/cat.h"
#include "fuzz.h"

static void
check_send_short_message (const EaCatCommand *command, EaSpan input)
{
  g_autoptr (GError) error = NULL;
  EaCatSendShortMessage message;

  fuzz_poison (&message, sizeof message);
  if (!ea_cat_parse_send_short_message (&message, command, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (&message, sizeof message));
      return;
    }
  FUZZ_CLAIM (fuzz_is_inside (message.tpdu, input));
  FUZZ_CLAIM (fuzz_is_inside (message.smsc, input));
}

/* Whatever came, a response can be built that names it: 81 03 number type qualifier 82 02 82 81 … */
static void
check_response (const EaCatCommand *command, EaCatResult result)
{
  g_autoptr (GBytes) response = ea_cat_build_terminal_response (command, result, EA_SPAN_EMPTY);
  EaReader reader;

  ea_reader_init (&reader, ea_span_from_bytes (response));
  FUZZ_CLAIM (ea_reader_u8 (&reader) == (command->has_comprehension_tags ? 0x81 : 0x01));
  FUZZ_CLAIM (ea_reader_u8 (&reader) == 3);
  FUZZ_CLAIM (ea_reader_u8 (&reader) == command->number);
  FUZZ_CLAIM (ea_reader_u8 (&reader) == command->type);
  FUZZ_CLAIM (ea_reader_u8 (&reader) == command->qualifier);
  FUZZ_CLAIM (ea_reader_remaining (&reader) == 7);
}

static void
check_command (EaSpan input)
{
  static const EaCatCommand nothing;
  g_autoptr (GError) error = NULL;
  EaCatCommand command;

  fuzz_poison (&command, sizeof command);
  if (!ea_cat_parse_command (&command, input, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (input.size <= EA_CAT_COMMAND_MAX
                  || memcmp (&command, &nothing, sizeof command) == 0);
      FUZZ_CLAIM (fuzz_is_inside (command.objects, input));
      check_response (&command, ea_cat_get_result (error->code));
      return;
    }

  FUZZ_CLAIM (error == NULL);
  FUZZ_CLAIM (fuzz_is_inside (command.objects, input));
  FUZZ_CLAIM (ea_cat_get_command_name (command.type) != NULL);
  check_send_short_message (&command, input);
  check_response (&command, EA_CAT_RESULT_OK);
}

/* The first octet divides the rest into a service centre and a TPDU. */
static void
check_download (EaSpan input)
{
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (GError) error = NULL;
  EaReader reader;
  EaSpan smsc;

  ea_reader_init (&reader, input);
  smsc = ea_reader_bytes (&reader, ea_reader_u8 (&reader));
  if (!ea_reader_is_ok (&reader))
    return;
  envelope = ea_cat_build_sms_pp_download (smsc, ea_reader_rest (&reader), &error);
  FUZZ_CLAIM ((envelope == NULL) == (error != NULL));
  FUZZ_CLAIM (envelope == NULL || g_bytes_get_size (envelope) <= EA_APDU_DATA_MAX);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  check_command (ea_span_init (data, size));
  check_download (ea_span_init (data, size));
  return 0;
}
