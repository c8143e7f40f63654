/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The record of bearers that were connected for us, EaBearerRecord of agent/modem/bearers.h. */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bearers-rig.h"

static gboolean
on_save (GBytes *record, gpointer user_data, GError **error)
{
  BearersRig *rig = user_data;

  rig->n_saved++;
  if (rig->is_save_refused)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "full");
      return FALSE;
    }
  g_clear_pointer (&rig->saved, g_bytes_unref);
  rig->saved = record != NULL ? g_bytes_ref (record) : NULL;
  return TRUE;
}

/* The life before, if there was one, ends without a word. */
static void
begin_life (BearersRig *rig, GBytes *saved)
{
  if (rig->record != NULL)
    ea_bearer_record_set_save_func (rig->record, NULL, NULL);
  g_clear_object (&rig->record);
  rig->record = ea_bearer_record_new (saved);
  ea_bearer_record_set_save_func (rig->record, on_save, rig);
}

/* (transfer full): a record of one bearer */
static char *
build_record (BearersRig *rig, const char *owner, const char *bearer)
{
  return g_strdup_printf ("%s %s /org/freedesktop/ModemManager1%s\n",
                          g_dbus_connection_get_guid (rig->client), owner, bearer);
}

static void
expect_saved (BearersRig *rig, const char *text)
{
  assert_non_null (rig->saved);
  assert_int_equal (g_bytes_get_size (rig->saved), strlen (text));
  assert_memory_equal (g_bytes_get_data (rig->saved, NULL), text, strlen (text));
}

static void
test_bearer_is_recorded_before_it_is_connected_and_forgotten_when_it_is_deleted (void **state)
{
  BearersRig *rig = *state;
  g_autofree char *text
      = build_record (rig, g_dbus_connection_get_unique_name (rig->service), "/Bearer/0");
  EaBearerRequest request = { .apn = "iot" };
  g_autoptr (EaBearers) bearers = NULL;
  BearersAnswer *answer;

  begin_life (rig, NULL);
  fake_modem_manager_hold (rig->fake, TRUE);
  bearers = bearers_rig_new_bearers (rig, EA_BEARER_USE_CONNECT, "");
  answer = bearers_rig_ask (rig, bearers, &request, NULL);
  WAIT_FOR (rig->n_saved == 1);
  bearers_rig_expect_diary (rig, "create /Bearer/0 'iot' '' '' 0");
  expect_saved (rig, text);
  bearers_rig_await_diary (rig, 2);
  fake_modem_manager_hold (rig->fake, FALSE);
  WAIT_FOR (answer->has_come);
  g_ptr_array_set_size (rig->answers, 0);
  WAIT_FOR (rig->n_saved == 2);

  assert_null (rig->saved);
  bearers_rig_expect_diary (rig, "connect /Bearer/0\ndelete /Bearer/0");
}

static void
test_refused_bearer_is_forgotten (void **state)
{
  BearersRig *rig = *state;
  g_autoptr (GError) error = g_error_new_literal (MM_CORE_ERROR, MM_CORE_ERROR_FAILED, "no");

  begin_life (rig, NULL);
  fake_modem_manager_refuse (rig->fake, error);
  assert_null (bearers_rig_acquire_with (rig, EA_BEARER_USE_CONNECT, "", "iot")->bearer);
  WAIT_FOR (rig->n_saved == 2);

  assert_null (rig->saved);
}

static void
test_bearer_that_can_not_be_recorded_is_not_connected (void **state)
{
  BearersRig *rig = *state;
  BearersAnswer *answer;

  begin_life (rig, NULL);
  rig->is_save_refused = TRUE;
  answer = bearers_rig_acquire_with (rig, EA_BEARER_USE_CONNECT, "", "iot");
  assert_true (g_error_matches (answer->error, EA_BEARER_ERROR, EA_BEARER_ERROR_FAILED));
  assert_string_equal (answer->error->message,
                       "A bearer that can't be recorded is not connected: full");
  bearers_rig_await_diary (rig, 2);

  bearers_rig_expect_diary (rig, "create /Bearer/0 'iot' '' '' 0\ndelete /Bearer/0");
}

static void
test_bearer_of_a_life_that_was_killed_is_deleted_by_the_next (void **state)
{
  BearersRig *rig = *state;
  g_autoptr (EaBearers) bearers = NULL;
  g_autoptr (GBytes) left = NULL;

  begin_life (rig, NULL);
  bearers_rig_acquire_with (rig, EA_BEARER_USE_CONNECT, "", "iot");
  left = g_bytes_ref (rig->saved);
  begin_life (rig, left);
  bearers = bearers_rig_new_bearers (rig, EA_BEARER_USE_CONNECT, "");
  bearers_rig_acquire (rig, bearers, "iot");

  bearers_rig_expect_diary (rig,
                            "create /Bearer/0 'iot' '' '' 0\nconnect /Bearer/0\ndelete /Bearer/0\n"
                            "create /Bearer/1 'iot' '' '' 0\nconnect /Bearer/1");
}

static void
test_bearer_that_was_left_is_deleted_when_modem_manager_has_been_found (void **state)
{
  BearersRig *rig = *state;
  g_autofree char *text
      = build_record (rig, g_dbus_connection_get_unique_name (rig->service), "/Bearer/0");
  g_autoptr (GBytes) left = g_bytes_new (text, strlen (text));
  g_autoptr (EaBearers) bearers = NULL;

  bearers_rig_add (rig, "iot", TRUE);
  g_object_unref (rig->modem_manager);
  rig->modem_manager = ea_modem_manager_new (rig->client);
  begin_life (rig, left);
  bearers = bearers_rig_new_bearers (rig, EA_BEARER_USE_EXISTING, "");
  WAIT_FOR (rig->n_saved == 1);

  assert_null (rig->saved);
  bearers_rig_expect_diary (rig, "delete /Bearer/0");
}

static void
test_bearer_that_was_left_with_another_modem_manager_is_somebody_elses (void **state)
{
  BearersRig *rig = *state;
  g_autofree char *text = build_record (rig, ":1.999", "/Bearer/0");
  g_autoptr (GBytes) left = g_bytes_new (text, strlen (text));

  bearers_rig_add (rig, "iot", TRUE);
  begin_life (rig, left);
  assert_non_null (bearers_rig_acquire_with (rig, EA_BEARER_USE_EXISTING, "", "iot")->bearer);

  assert_null (rig->saved);
  assert_int_equal (rig->n_saved, 1);
  bearers_rig_expect_diary (rig, "");
}

/* Every beginning of the record, short of the whole, names no bearer that is there. */
static void
test_damaged_record_deletes_nothing (void **state)
{
  BearersRig *rig = *state;
  g_autofree char *text
      = build_record (rig, g_dbus_connection_get_unique_name (rig->service), "/Bearer/0");

  bearers_rig_add (rig, "iot", TRUE);
  for (gsize size = 0; size < strlen (text) - strlen ("/0\n"); size++)
    {
      g_autoptr (GBytes) left = g_bytes_new (text, size);

      begin_life (rig, left);
      assert_non_null (bearers_rig_acquire_with (rig, EA_BEARER_USE_EXISTING, "", "iot")->bearer);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    BEARERS_RIG_TEST (
        test_bearer_is_recorded_before_it_is_connected_and_forgotten_when_it_is_deleted),
    BEARERS_RIG_TEST (test_refused_bearer_is_forgotten),
    BEARERS_RIG_TEST (test_bearer_that_can_not_be_recorded_is_not_connected),
    BEARERS_RIG_TEST (test_bearer_of_a_life_that_was_killed_is_deleted_by_the_next),
    BEARERS_RIG_TEST (test_bearer_that_was_left_is_deleted_when_modem_manager_has_been_found),
    BEARERS_RIG_TEST (test_bearer_that_was_left_with_another_modem_manager_is_somebody_elses),
    BEARERS_RIG_TEST (test_damaged_record_deletes_nothing),
  };

  return cmocka_run_group_tests_name ("bearer-record", tests, NULL, NULL);
}
