/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Command and response APDUs (agent/core/apdu.h): a command that was read is built as it was. */

#include "core/apdu.h"
#include "fuzz.h"

static void
check_command (EaSpan input)
{
  g_autoptr (GBytes) built = NULL;
  g_autoptr (GError) error = NULL;
  EaApduCommand command;

  fuzz_poison (&command, sizeof command);
  if (!ea_apdu_parse_command (&command, input, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (&command, sizeof command));
      return;
    }

  FUZZ_CLAIM (error == NULL);
  FUZZ_CLAIM (fuzz_is_inside (command.data, input));
  FUZZ_CLAIM (command.data.size <= EA_APDU_DATA_MAX && command.ne <= EA_APDU_NE_MAX);
  FUZZ_CLAIM (ea_apdu_get_command_name (&command) == NULL
              || ea_apdu_get_command_name (&command)[0] != '\0');
  built = ea_apdu_build_command (&command);
  FUZZ_CLAIM (ea_span_equal (ea_span_from_bytes (built), input));
}

static void
check_response (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  EaApduResponse response;

  fuzz_poison (&response, sizeof response);
  if (!ea_apdu_parse_response (&response, input, &error))
    {
      FUZZ_CLAIM (error != NULL && input.size < 2);
      FUZZ_CLAIM (fuzz_is_poisoned (&response, sizeof response));
      return;
    }

  FUZZ_CLAIM (fuzz_is_inside (response.data, input));
  FUZZ_CLAIM (response.data.size == input.size - 2);
  FUZZ_CLAIM (ea_apdu_get_length (response.sw) >= 1
              && ea_apdu_get_length (response.sw) <= EA_APDU_NE_MAX);
  FUZZ_CLAIM (!ea_apdu_is_success (response.sw) || ea_apdu_get_sw_name (response.sw) != NULL);
  FUZZ_CLAIM (!ea_apdu_is_proactive (response.sw)
              || ea_apdu_get_next (response.sw) == EA_APDU_NEXT_NONE);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  check_command (ea_span_init (data, size));
  check_response (ea_span_init (data, size));
  return 0;
}
