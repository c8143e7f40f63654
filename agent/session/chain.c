/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The record: key set and TAR. */

#include "session/chain.h"

#include "core/bytes.h"
#include "core/script.h"

#define PREFIX "chain-"

void
ea_chain_init (EaChain *self, EaStore *store, const char *name)
{
  g_autoptr (GBytes) record = NULL;
  EaReader reader;

  *self = (EaChain){ .store = store, .record = g_strconcat (PREFIX, name, NULL) };
  record = ea_store_read (store, self->record, NULL);
  if (record == NULL)
    return;
  ea_reader_init (&reader, ea_span_from_bytes (record));
  self->target.key_set = ea_reader_u8 (&reader);
  self->target.tar = ea_reader_u24be (&reader);
  self->is_open = ea_reader_done (&reader);
  self->is_kept = TRUE;
}

void
ea_chain_clear (EaChain *self)
{
  g_clear_pointer (&self->record, g_free);
}

/* One that is not kept ends with its channel, whatever closed that. */
static gboolean
is_there (const EaChain *self)
{
  return self->is_open && (self->is_kept || self->channel != 0);
}

guint8
ea_chain_join (EaChain *self, const EaScp80Target *target, guint8 value)
{
  switch (value)
    {
    case EA_SCRIPT_CHAINING_FIRST:
    case EA_SCRIPT_CHAINING_FIRST_KEPT:
      return 0;
    case EA_SCRIPT_CHAINING_MORE:
    case EA_SCRIPT_CHAINING_LAST:
      return is_there (self) && self->target.key_set == target->key_set
                     && self->target.tar == target->tar
                 ? 0
                 : EA_SCRIPT_CHAINING_NO_PREVIOUS;
    default:
      return EA_SCRIPT_CHAINING_UNABLE;
    }
}

static void
write_record (EaChain *self, EaStoreChange *change)
{
  g_auto (EaWriter) writer = { 0 };
  g_autoptr (GBytes) record = NULL;

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, self->target.key_set);
  ea_writer_u24be (&writer, self->target.tar);
  record = ea_writer_steal (&writer);
  ea_store_change_write (change, self->record, record);
}

gboolean
ea_chain_goes_on (guint8 value)
{
  return value != EA_SCRIPT_CHAINING_LAST;
}

gboolean
ea_chain_is_follower (guint8 value)
{
  return value == EA_SCRIPT_CHAINING_MORE || value == EA_SCRIPT_CHAINING_LAST;
}

void
ea_chain_advance (EaChain *self, const EaScp80Target *target, guint8 value, guint channel,
                  EaStoreChange *change)
{
  if (!ea_chain_goes_on (value))
    {
      ea_chain_end (self, change);
      return;
    }
  if (value == EA_SCRIPT_CHAINING_FIRST || value == EA_SCRIPT_CHAINING_FIRST_KEPT)
    self->is_kept = value == EA_SCRIPT_CHAINING_FIRST_KEPT;
  self->is_open = TRUE;
  self->target = *target;
  self->channel = channel;
  if (self->is_kept)
    write_record (self, change);
  else
    ea_store_change_remove (change, self->record);
}

void
ea_chain_end (EaChain *self, EaStoreChange *change)
{
  ea_store_change_remove (change, self->record);
  self->is_open = FALSE;
  self->channel = 0;
}

void
ea_chain_reset (EaChain *self)
{
  self->channel = 0;
  self->is_open = self->is_open && self->is_kept;
}
