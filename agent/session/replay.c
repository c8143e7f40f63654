/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A record is CNTR as it stands in a packet: five octets. */

#include "session/replay.h"

#include "core/bytes.h"

static char *
get_record_name (const char *eid, const EaScp80Target *target)
{
  return g_strdup_printf ("counter-%s-%02x-%06x", eid, target->key_set, target->tar);
}

gboolean
ea_replay_read (EaStore *store, const char *eid, const EaScp80Target *target, guint64 *highest,
                GError **error)
{
  g_autofree char *name = get_record_name (eid, target);
  g_autoptr (GBytes) record = NULL;
  g_autoptr (GError) local_error = NULL;
  guint64 counter;
  EaReader reader;

  if (ea_store_is_amnesic (store))
    {
      g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED, "Replay counters may be lost");
      return FALSE;
    }
  record = ea_store_read (store, name, &local_error);
  if (g_error_matches (local_error, EA_STORE_ERROR, EA_STORE_ERROR_NOT_FOUND))
    {
      *highest = 0;
      return TRUE;
    }
  if (record == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  ea_reader_init (&reader, ea_span_from_bytes (record));
  counter = (guint64) ea_reader_u8 (&reader) << 32;
  counter |= ea_reader_u32be (&reader);
  if (!ea_reader_done (&reader))
    {
      g_set_error (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED,
                   "Record '%s' is no replay counter", name);
      return FALSE;
    }
  *highest = counter;
  return TRUE;
}

void
ea_replay_write (const char *eid, const EaScp80Target *target, guint64 counter,
                 EaStoreChange *change)
{
  g_autofree char *name = get_record_name (eid, target);
  g_autoptr (GBytes) record = NULL;
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, (guint8) (counter >> 32));
  ea_writer_u32be (&writer, (guint32) counter);
  record = ea_writer_steal (&writer);
  ea_store_change_write (change, name, record);
}
