/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * store-commits DIRECTORY COUNT: what COUNT short messages do to the store: each replaces a replay counter of 60 bytes
 * and a job of 200 bytes, and removes the message's own record, in one commit. The records of the messages are there
 * before: as many commits, of one item each.
 */

#include <stdlib.h>

#include "host/store.h"

#define COUNTER_SIZE 60
#define JOB_SIZE 200
#define MESSAGE_SIZE 180
#define N_JOBS 8

static GBytes *
make_random (gsize size)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (gsize i = 0; i < size; i++)
    {
      guint8 byte = (guint8) g_random_int_range (0, G_MAXUINT8 + 1);

      g_byte_array_append (bytes, &byte, 1);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

static gboolean
take_message (EaStore *store, guint number, GError **error)
{
  g_autofree char *message = g_strdup_printf ("inbox-0123456789ab-%010u", number);
  g_autofree char *job = g_strdup_printf ("job-0123456789ab-%u", number % N_JOBS);
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (GBytes) counter_record = make_random (COUNTER_SIZE);
  g_autoptr (GBytes) job_record = make_random (JOB_SIZE);
  g_autoptr (GBytes) message_record = make_random (MESSAGE_SIZE);

  if (!ea_store_write (store, message, message_record, error))
    return FALSE;
  ea_store_change_write (change, "replay-0123456789ab", counter_record);
  ea_store_change_write (change, job, job_record);
  ea_store_change_remove (change, message);
  return ea_store_commit (store, change, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EaStore) store = argc == 3 ? ea_store_new (argv[1], &error) : NULL;

  for (int i = 0; store != NULL && error == NULL && i < atoi (argv[2]); i++)
    (void) take_message (store, (guint) i, &error); /* an error ends it */
  if (store != NULL && error == NULL)
    return EXIT_SUCCESS;
  g_printerr ("store-commits: %s\n", error != NULL ? error->message : "wants DIRECTORY COUNT");
  return EXIT_FAILURE;
}
