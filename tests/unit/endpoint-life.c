/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "endpoint-life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
copy_file (const char *from, const char *to, const char *name)
{
  g_autofree char *source = g_build_filename (from, name, NULL);
  g_autofree char *target = g_build_filename (to, name, NULL);
  g_autofree char *contents = NULL;
  gsize size;

  if (!g_file_test (source, G_FILE_TEST_EXISTS))
    return; /* nothing was changed yet */
  assert_true (g_file_get_contents (source, &contents, &size, NULL));
  assert_true (g_file_set_contents (target, contents, (gssize) size, NULL));
}

static void
on_end (gpointer user_data)
{
  EndpointLife *life = user_data;

  life->directory = g_dir_make_tmp ("euicc-left-XXXXXX", NULL);
  copy_file (life->rig->directory, life->directory, "store");
  life->diary = g_strdup (fake_modem_read_diary (life->rig->modem));
}

EndpointLife *
endpoint_life_new (guint number, const char *answer)
{
  EndpointLife *life = g_new0 (EndpointLife, 1);

  life->rig = endpoint_rig_new ();
  fake_store_set_hook (number, on_end, life);
  endpoint_rig_answer_all (life->rig, answer);
  return life;
}

void
endpoint_life_free (EndpointLife *life)
{
  endpoint_rig_free (life->rig);
  g_free (life->diary);
  g_free (life);
}

gboolean
endpoint_life_end (EndpointLife *life)
{
  EndpointRig *rig = life->rig;

  fake_modem_await (rig->modem, 0);
  (void) fake_modem_read_diary (rig->modem); /* nobody was there any more */
  if (life->directory == NULL)
    return FALSE;
  endpoint_rig_end (rig);
  fake_store_reset ();
  delete_directory (rig->directory);
  rig->directory = g_steal_pointer (&life->directory);
  endpoint_rig_begin (rig, RIG_EID);
  return TRUE;
}

guint
endpoint_life_count_lines (const char *diary, const char *prefix)
{
  g_auto (GStrv) lines = g_strsplit (diary, "\n", -1);
  guint n_lines = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    n_lines += g_str_has_prefix (lines[i], prefix);
  return n_lines;
}

void
endpoint_life_assert_sent_once (const EndpointLife *life, const char *after)
{
  g_autofree char *both = g_strconcat (life->diary, "\n", after, NULL);
  g_auto (GStrv) lines = g_strsplit (both, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "apdu ") && endpoint_life_count_lines (both, lines[i]) != 1)
      fail_msg ("'%s' was sent twice", lines[i]);
}
