/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a busy agent tells on the bus: counts that grow by the thousand are told a few times a second, states each at once.
 */

#include "https-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PROFILE_SIZE 600000
#define PER_SECOND 4
#define LATENESS_US                                                                                \
  G_USEC_PER_SEC /* how much later the first signal may be read here than it was sent */

#define SESSION "/org/euicc/Agent1/Session/0"
#define CHANNEL "/org/euicc/Agent1/Channel/0"

#define SESSION_STATES "resolving connecting handshaking exchanging closing closed"

/* Signals of an object that are not for progress: states, addresses and errors of a session. More is a flood. */
#define OTHERS_MAX 20

typedef struct
{
  gint64 time_us;
  GVariant *changed;
} News;

/* What an object has told, in order */
typedef struct
{
  char *path;
  GPtrArray *progress; /* News */
  GPtrArray *others;   /* News */
  char *state;         /* the last one */
} Object;

typedef struct
{
  Rig *rig;
  GHashTable *objects; /* path → Object */
  guint subscription;
} Listener;

static void
free_news (gpointer data)
{
  News *news = data;

  g_variant_unref (news->changed);
  g_free (news);
}

static void
free_object (gpointer data)
{
  Object *object = data;

  g_free (object->path);
  g_ptr_array_unref (object->progress);
  g_ptr_array_unref (object->others);
  g_free (object->state);
  g_free (object);
}

static Object *
get_object (Listener *listener, const char *path)
{
  Object *object = g_hash_table_lookup (listener->objects, path);

  if (object != NULL)
    return object;
  object = g_new0 (Object, 1);
  object->path = g_strdup (path);
  object->progress = g_ptr_array_new_with_free_func (free_news);
  object->others = g_ptr_array_new_with_free_func (free_news);
  g_hash_table_insert (listener->objects, object->path, object);
  return object;
}

/* With a state comes what else is new: it is told at once. */
static gboolean
is_for_progress (GVariant *changed)
{
  static const char *const counts[]
      = { "Counters", "LastActivity", "BytesReceived", "BytesSent", "Apdus", "Scripts" };
  gboolean has_count = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autoptr (GVariant) count = g_variant_lookup_value (changed, counts[i], NULL);

      has_count = has_count || count != NULL;
    }
  return has_count && !g_variant_lookup (changed, "State", "&s", NULL);
}

static void
on_changed (GDBusConnection *connection, const char *sender, const char *path,
            const char *interface, const char *signal, GVariant *parameters, gpointer user_data)
{
  g_autoptr (GVariant) changed = g_variant_get_child_value (parameters, 1);
  Object *object = get_object (user_data, path);
  News *news = g_new0 (News, 1);
  const char *state;

  news->time_us = g_get_monotonic_time ();
  news->changed = g_variant_ref (changed);
  g_ptr_array_add (is_for_progress (changed) ? object->progress : object->others, news);
  if (!g_variant_lookup (changed, "State", "&s", &state))
    return;
  g_free (object->state);
  object->state = g_strdup (state);
}

static void
listen_to (Listener *listener, Rig *rig)
{
  listener->rig = rig;
  listener->objects = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_object);
  listener->subscription = g_dbus_connection_signal_subscribe (
      rig->connection, "org.euicc.Agent1", "org.freedesktop.DBus.Properties", "PropertiesChanged",
      NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_changed, listener, NULL);
}

static void
stop_listening (Listener *listener)
{
  g_dbus_connection_signal_unsubscribe (listener->rig->connection, listener->subscription);
  g_hash_table_unref (listener->objects);
}

static const News *
get_news (const GPtrArray *list, guint i)
{
  return list->pdata[i];
}

/* Over the whole time, since this process may read several at once that were sent one by one. */
static void
expect_pace (const Object *object)
{
  const GPtrArray *progress = object->progress;
  gint64 span_us;

  if (progress->len == 0)
    return;
  span_us = get_news (progress, progress->len - 1)->time_us - get_news (progress, 0)->time_us;
  if ((gint64) (progress->len - 1) * G_USEC_PER_SEC > PER_SECOND * (span_us + LATENESS_US))
    fail_msg ("%s told its progress %u times within %d ms", object->path, progress->len,
              (int) (span_us / 1000));
}

static void
expect_no_flood (Listener *listener)
{
  GHashTableIter iter;
  gpointer object;

  g_hash_table_iter_init (&iter, listener->objects);
  while (g_hash_table_iter_next (&iter, NULL, &object))
    {
      const Object *heard = object;

      expect_pace (heard);
      if (heard->others->len > OTHERS_MAX)
        fail_msg ("%s told other things %u times", heard->path, heard->others->len);
    }
}

/* The last that was told of a count */
static guint64
get_told (Listener *listener, const char *path, const char *count)
{
  const Object *object = get_object (listener, path);
  const GPtrArray *const lists[] = { object->progress, object->others };
  guint64 told = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint j = 0; j < lists[i]->len; j++)
      {
        guint64 value = 0;

        (void) g_variant_lookup (get_news (lists[i], j)->changed, count, "t", &value);
        told = MAX (told, value);
      }
  return told;
}

typedef struct
{
  Listener *listener;
  const char *path;
  const char *state;
} Awaited;

static gboolean
has_state (gpointer data)
{
  const Awaited *awaited = data;

  return g_strcmp0 (get_object (awaited->listener, awaited->path)->state, awaited->state) == 0;
}

static void
await_state (Listener *listener, const char *path, const char *state)
{
  Awaited awaited = { listener, path, state };

  if (!rig_await_that (has_state, &awaited))
    fail_msg ("%s is %s", path, get_object (listener, path)->state);
}

/* Its signals are read while it goes on, until the object at @path is closed. */
static void
operate (Listener *listener, const char *path, const char *operation)
{
  g_autofree char *reply = NULL;

  rig_begin_control (listener->rig, "smsr %s --timeout 300", operation);
  await_state (listener, path, "closed");
  reply = rig_end_control (listener->rig);

  rig_assert_has (reply, "ok ");
}

static void
download (Listener *listener, const char *via, const char *path)
{
  g_autofree char *sha256 = NULL;
  g_autofree char *profile = https_write_profile (listener->rig, PROFILE_SIZE, 1, &sha256);
  g_autofree char *operation = g_strdup_printf ("download-profile %s --via %s", profile, via);
  g_autofree char *card = NULL;

  operate (listener, path, operation);
  card = rig_control (listener->rig, "state");

  rig_assert_has (card, sha256);
}

static void
test_a_session_tells_its_progress_four_times_a_second_and_its_states_at_once (void **state)
{
  Rig *rig = *state;
  g_autoptr (HttpsNews) states = NULL;
  Listener listener;

  https_start (rig, NULL);
  states = https_news_new (rig);
  listen_to (&listener, rig);
  download (&listener, "https", SESSION);

  expect_no_flood (&listener);
  assert_string_equal (https_news_get_states (states, 0), SESSION_STATES);
  assert_true (get_told (&listener, SESSION, "BytesReceived") > PROFILE_SIZE);
  assert_true (get_told (&listener, SESSION, "BytesReceived")
               == https_get_count (rig, 0, "BytesReceived"));
  stop_listening (&listener);
}

static void
test_a_channel_tells_its_progress_four_times_a_second (void **state)
{
  Rig *rig = *state;
  Listener listener;

  https_start_with_keys (rig, NULL, "", NULL);
  listen_to (&listener, rig);
  download (&listener, "bip-https", CHANNEL);

  expect_no_flood (&listener);
  assert_true (get_told (&listener, CHANNEL, "BytesReceived") > PROFILE_SIZE);
  stop_listening (&listener);
}

static void
test_a_cat_tp_session_tells_its_progress_four_times_a_second (void **state)
{
  Rig *rig = *state;
  Listener listener;

  https_start (rig, NULL);
  listen_to (&listener, rig);
  rig_expect_control (rig, "ok", "slow 10"); /* else it is over at once */
  operate (&listener, SESSION, "send-script --generate 200 --via cat-tp");

  expect_no_flood (&listener);
  assert_true (get_object (&listener, SESSION)->progress->len > 2);
  stop_listening (&listener);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_a_session_tells_its_progress_four_times_a_second_and_its_states_at_once),
    RIG_TEST (test_a_channel_tells_its_progress_four_times_a_second),
    RIG_TEST (test_a_cat_tp_session_tells_its_progress_four_times_a_second),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
