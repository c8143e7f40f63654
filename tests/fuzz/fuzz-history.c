/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A record of the history (agent/session/history-record.h), which someone else may have written: what is read of it is
 * within its limits and, written again, is the same.
 */

#include "session/history-record.h"

#include <string.h>

#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (EaHistoryRecord) record = ea_history_record_parse (ea_span_init (data, size));
  g_autoptr (GBytes) written = NULL;

  if (record == NULL)
    return 0;
  for (gsize i = 0; i < EA_HISTORY_N_TEXTS; i++)
    {
      FUZZ_CLAIM (strlen (record->texts[i]) <= EA_HISTORY_TEXT_MAX);
      FUZZ_CLAIM (g_utf8_validate (record->texts[i], -1, NULL));
    }
  written = ea_history_record_build (record);
  FUZZ_CLAIM (g_bytes_get_size (written) == size);
  FUZZ_CLAIM (memcmp (g_bytes_get_data (written, NULL), data, size) == 0);
  return 0;
}
