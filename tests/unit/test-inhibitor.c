/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The sleep inhibitor lock, agent/host/inhibitor.h, of a login manager that is played here. */

#include <gio/gio.h>
#include <glib/gstdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-login-manager.h"
#include "host/inhibitor.h"
#include "private-bus.h"
#include "wait.h"

#define WHY "A channel of the eUICC is open"

typedef struct
{
  char *directory; /* of activation files */
  GTestDBus *bus;
  GDBusConnection *service;
  GDBusConnection *client;
  FakeLoginManager *login;
  guint n_failed;
  GError *failure;
  EaInhibitor *inhibitor;
} World;

static void
on_failed (EaInhibitor *inhibitor, const GError *error, gpointer user_data)
{
  World *world = user_data;

  world->n_failed++;
  g_clear_error (&world->failure);
  world->failure = g_error_copy (error);
}

/* The bus could start a login manager that leaves a trace. */
static void
write_activation_file (World *world)
{
  g_autofree char *path
      = g_build_filename (world->directory, FAKE_LOGIN_MANAGER_NAME ".service", NULL);
  g_autofree char *text = g_strdup_printf ("[D-BUS Service]\nName=" FAKE_LOGIN_MANAGER_NAME
                                           "\nExec=/usr/bin/touch %s/started\n",
                                           world->directory);

  assert_true (g_file_set_contents (path, text, -1, NULL));
}

static int
begin (void **state)
{
  World *world = g_new0 (World, 1);

  world->directory = g_dir_make_tmp ("euicc-inhibitor-XXXXXX", NULL);
  write_activation_file (world);
  world->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_add_service_dir (world->bus, world->directory);
  g_test_dbus_up (world->bus);
  world->service = private_bus_connect (world->bus);
  world->client = private_bus_connect (world->bus);
  world->login = fake_login_manager_new (world->service, WHY);
  world->inhibitor = ea_inhibitor_new (world->client);
  g_signal_connect (world->inhibitor, "failed", G_CALLBACK (on_failed), world);
  *state = world;
  return 0;
}

static void
remove_file (World *world, const char *name)
{
  g_autofree char *path = g_build_filename (world->directory, name, NULL);

  g_remove (path);
}

static int
end (void **state)
{
  World *world = *state;

  g_clear_object (&world->inhibitor);
  WAIT_FOR (world->login->n_let_go == world->login->locks->len);
  fake_login_manager_free (world->login);
  g_dbus_connection_close_sync (world->client, NULL, NULL);
  g_dbus_connection_close_sync (world->service, NULL, NULL);
  g_object_unref (world->client);
  g_object_unref (world->service);
  run_ready ();
  g_test_dbus_down (world->bus);
  g_object_unref (world->bus);
  g_clear_error (&world->failure);
  remove_file (world, FAKE_LOGIN_MANAGER_NAME ".service");
  remove_file (world, "started");
  g_rmdir (world->directory);
  g_free (world->directory);
  g_free (world);
  return 0;
}

static void
test_lock_is_taken_with_the_first_hold_and_closed_with_the_last (void **state)
{
  World *world = *state;

  fake_login_manager_start (world->login);
  ea_inhibitor_hold (world->inhibitor, WHY);
  ea_inhibitor_hold (world->inhibitor, "Another one");
  WAIT_FOR (ea_inhibitor_is_locked (world->inhibitor));
  ea_inhibitor_release (world->inhibitor);
  assert_true (fake_login_manager_is_kept (world->login, 0));
  ea_inhibitor_release (world->inhibitor);

  assert_false (ea_inhibitor_is_locked (world->inhibitor));
  WAIT_FOR (world->login->n_let_go == 1);
  assert_int_equal (world->login->n_asked, 1);
  assert_int_equal (world->n_failed, 0);
}

static void
test_hold_that_ends_before_the_answer_leaves_no_lock (void **state)
{
  World *world = *state;

  fake_login_manager_start (world->login);
  world->login->is_held = TRUE;
  ea_inhibitor_hold (world->inhibitor, WHY);
  WAIT_FOR (world->login->held != NULL);
  ea_inhibitor_release (world->inhibitor);
  fake_login_manager_answer (world->login);
  WAIT_FOR (world->login->n_let_go == 1);

  assert_false (ea_inhibitor_is_locked (world->inhibitor));
}

static void
test_hold_that_begins_again_before_the_answer_gets_that_lock (void **state)
{
  World *world = *state;

  fake_login_manager_start (world->login);
  world->login->is_held = TRUE;
  ea_inhibitor_hold (world->inhibitor, WHY);
  WAIT_FOR (world->login->held != NULL);
  ea_inhibitor_release (world->inhibitor);
  ea_inhibitor_hold (world->inhibitor, WHY);
  fake_login_manager_answer (world->login);
  WAIT_FOR (ea_inhibitor_is_locked (world->inhibitor));

  assert_true (fake_login_manager_is_kept (world->login, 0));
  assert_int_equal (world->login->n_asked, 1);
}

static void
test_absent_login_manager_is_not_started_and_told_once (void **state)
{
  World *world = *state;
  g_autofree char *trace = g_build_filename (world->directory, "started", NULL);

  ea_inhibitor_hold (world->inhibitor, WHY);
  WAIT_FOR (world->n_failed > 0);
  ea_inhibitor_release (world->inhibitor);
  ea_inhibitor_hold (world->inhibitor, WHY);
  private_bus_round_trip (world->client); /* the second refusal has come before */

  assert_true (g_error_matches (world->failure, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
               || g_error_matches (world->failure, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN));
  assert_int_equal (world->n_failed, 1);
  assert_false (ea_inhibitor_is_locked (world->inhibitor));
  assert_false (g_file_test (trace, G_FILE_TEST_EXISTS));
}

static void
test_refusal_is_told (void **state)
{
  World *world = *state;

  fake_login_manager_start (world->login);
  world->login->is_refused = TRUE;
  ea_inhibitor_hold (world->inhibitor, WHY);
  WAIT_FOR (world->n_failed > 0);

  assert_true (g_error_matches (world->failure, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED));
  assert_string_equal (world->failure->message, "No");
  assert_false (ea_inhibitor_is_locked (world->inhibitor));
}

static void
test_refusal_is_told_after_an_absence (void **state)
{
  World *world = *state;

  ea_inhibitor_hold (world->inhibitor, WHY);
  WAIT_FOR (world->n_failed == 1);
  world->login->is_refused = TRUE;
  fake_login_manager_start (world->login);
  WAIT_FOR (world->n_failed == 2);

  assert_true (g_error_matches (world->failure, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED));
}

static void
test_lock_is_taken_anew_when_the_login_manager_restarts (void **state)
{
  World *world = *state;

  fake_login_manager_start (world->login);
  ea_inhibitor_hold (world->inhibitor, WHY);
  WAIT_FOR (ea_inhibitor_is_locked (world->inhibitor));
  fake_login_manager_stop (world->login);
  WAIT_FOR (!ea_inhibitor_is_locked (world->inhibitor));
  WAIT_FOR (world->login->n_let_go == 1);
  fake_login_manager_start (world->login);
  WAIT_FOR (ea_inhibitor_is_locked (world->inhibitor));

  assert_true (fake_login_manager_is_kept (world->login, 1));
  assert_int_equal (world->n_failed, 0);
}

static void
test_login_manager_that_comes_later_is_asked_then (void **state)
{
  World *world = *state;

  ea_inhibitor_hold (world->inhibitor, WHY);
  WAIT_FOR (world->n_failed > 0);
  fake_login_manager_start (world->login);
  WAIT_FOR (ea_inhibitor_is_locked (world->inhibitor));

  assert_true (fake_login_manager_is_kept (world->login, 0));
}

static void
test_lock_ends_with_its_owner (void **state)
{
  World *world = *state;

  fake_login_manager_start (world->login);
  ea_inhibitor_hold (world->inhibitor, WHY);
  WAIT_FOR (ea_inhibitor_is_locked (world->inhibitor));
  g_clear_object (&world->inhibitor);

  WAIT_FOR (world->login->n_let_go == 1);
}

#define IN_WORLD(name) cmocka_unit_test_setup_teardown (name, begin, end)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    IN_WORLD (test_lock_is_taken_with_the_first_hold_and_closed_with_the_last),
    IN_WORLD (test_hold_that_ends_before_the_answer_leaves_no_lock),
    IN_WORLD (test_hold_that_begins_again_before_the_answer_gets_that_lock),
    IN_WORLD (test_absent_login_manager_is_not_started_and_told_once),
    IN_WORLD (test_refusal_is_told),
    IN_WORLD (test_refusal_is_told_after_an_absence),
    IN_WORLD (test_lock_is_taken_anew_when_the_login_manager_restarts),
    IN_WORLD (test_login_manager_that_comes_later_is_asked_then),
    IN_WORLD (test_lock_ends_with_its_owner),
  };

  return cmocka_run_group_tests_name ("inhibitor", tests, NULL, NULL);
}
