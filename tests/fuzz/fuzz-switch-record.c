/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The record of what a switch has left to be done (agent/session/switch-record.h), which someone else may have written: what
 * is read of it is within its limits and, written again, is read alike.
 */

#include "session/switch-record.h"

#include <string.h>

#include "fuzz.h"

#define ICCID_DIGITS_MAX 20

static void
check_again (const EaSwitchRecord *record)
{
  g_autoptr (GBytes) written = ea_switch_record_to_bytes (record);
  g_auto (EaSwitchRecord) again = { 0 };

  if (written == NULL)
    {
      FUZZ_CLAIM (record->iccid == NULL && !record->is_disabled);
      return;
    }
  FUZZ_CLAIM (ea_switch_record_parse (&again, written, NULL));
  FUZZ_CLAIM (g_strcmp0 (again.iccid, record->iccid) == 0);
  FUZZ_CLAIM (record->iccid == NULL || g_strcmp0 (again.cause, record->cause) == 0);
  FUZZ_CLAIM (again.is_disabled == record->is_disabled);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  EaSwitchRecord record;

  fuzz_poison (&record, sizeof record);
  if (!ea_switch_record_parse (&record, bytes, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (&record, sizeof record));
      return 0;
    }
  FUZZ_CLAIM (error == NULL);
  FUZZ_CLAIM (record.iccid == NULL || strlen (record.iccid) <= ICCID_DIGITS_MAX);
  FUZZ_CLAIM (record.cause == NULL || strlen (record.cause) <= EA_SWITCH_RECORD_CAUSE_MAX);
  check_again (&record);
  ea_switch_record_clear (&record);
  return 0;
}
