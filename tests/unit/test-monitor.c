/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The monitor (agent/modem/monitor.h) with ports that the kernel does not know: those of the configuration, and those of
 * ModemManager.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "monitor-rig.h"

#define LONG_MS 3600000
#define NAME "org.freedesktop.ModemManager1"
#define LEFT "/sys/devices/usb1/1-1"

/* (transfer full): all nodes of the rig's folder */
static char *
get_glob (MonitorRig *rig)
{
  return g_build_filename (rig->folder, "port*", NULL);
}

static char *
get_line (char sign, const char *path, const char *device_id)
{
  return g_strdup_printf ("%c %s %s", sign, path, device_id);
}

static void
test_node_of_the_configuration_comes_and_goes (void **state)
{
  MonitorRig *rig = *state;
  g_autofree char *glob = get_glob (rig);
  g_autofree char *path = NULL;
  g_autofree char *added = NULL;
  g_autofree char *removed = NULL;

  monitor_rig_start (rig, glob, EA_MONITOR_SOURCE_AUTO, LONG_MS);
  monitor_rig_expect_silence (rig);
  path = monitor_rig_make_node (rig, "port0");
  added = get_line ('+', path, path);
  monitor_rig_await (rig, 1, added);
  monitor_rig_remove_node (rig, "port0");

  removed = get_line ('-', path, path);
  monitor_rig_await (rig, 1, removed);
}

static void
test_node_that_is_made_anew_is_another (void **state)
{
  MonitorRig *rig = *state;
  g_autofree char *glob = get_glob (rig);
  g_autofree char *path = monitor_rig_make_node (rig, "port0");
  g_autofree char *again = NULL;
  g_autofree char *expected = g_strdup_printf ("+ %s %s", path, path);
  g_autofree char *replaced = g_strdup_printf ("- %s %s\n+ %s %s", path, path, path, path);

  monitor_rig_start (rig, glob, EA_MONITOR_SOURCE_AUTO, LONG_MS);
  monitor_rig_await (rig, 1, expected);
  again = monitor_rig_make_node (rig, "port0");

  monitor_rig_await (rig, 2, replaced);
}

static void
test_node_of_another_name_is_left_alone (void **state)
{
  MonitorRig *rig = *state;
  g_autofree char *glob = get_glob (rig);

  g_free (monitor_rig_make_node (rig, "tty0"));
  monitor_rig_start (rig, glob, EA_MONITOR_SOURCE_AUTO, LONG_MS);

  monitor_rig_expect_silence (rig);
}

static void
test_node_of_qrtr_is_always_there (void **state)
{
  MonitorRig *rig = *state;

  monitor_rig_start (rig, "qrtr://3", EA_MONITOR_SOURCE_UDEV, LONG_MS);

  monitor_rig_await (rig, 1, "+ qrtr://3 qrtr://3");
}

static void
test_node_of_qrtr_that_modem_manager_lists_stays (void **state)
{
  MonitorRig *rig = *state;

  monitor_rig_bring_manager (rig);
  fake_port_manager_add (rig->fake, 0, "qrtr", "qrtr0", MM_MODEM_PORT_TYPE_QMI);
  monitor_rig_start (rig, NULL, EA_MONITOR_SOURCE_AUTO, LONG_MS);
  monitor_rig_await (rig, 1, "+ qrtr://0 qrtr://0");
  fake_port_manager_remove (rig->fake, 0);
  fake_port_manager_add (rig->fake, 1, "qrtr", "qrtr0", MM_MODEM_PORT_TYPE_QMI);

  monitor_rig_expect_silence (rig);
  monitor_rig_end_manager (rig);
  monitor_rig_expect_silence (rig);
}

static void
test_word_of_modem_manager_is_waited_for (void **state)
{
  MonitorRig *rig = *state;
  g_autofree char *glob = get_glob (rig);
  g_autofree char *path = monitor_rig_make_node (rig, "port0");
  g_autofree char *added = get_line ('+', path, LEFT);

  monitor_rig_bring_manager (rig);
  monitor_rig_start (rig, glob, EA_MONITOR_SOURCE_MODEMMANAGER, LONG_MS);
  monitor_rig_expect_silence (rig);
  fake_port_manager_add (rig->fake, 0, LEFT, "port0", MM_MODEM_PORT_TYPE_QMI);

  monitor_rig_await (rig, 1, added);
}

static void
test_port_of_another_protocol_is_left_alone (void **state)
{
  MonitorRig *rig = *state;
  g_autofree char *glob = get_glob (rig);

  g_free (monitor_rig_make_node (rig, "port0"));
  g_free (monitor_rig_make_node (rig, "port1"));
  monitor_rig_bring_manager (rig);
  fake_port_manager_add (rig->fake, 0, LEFT, "port0", MM_MODEM_PORT_TYPE_AT);
  fake_port_manager_add (rig->fake, 1, LEFT, "port1", MM_MODEM_PORT_TYPE_IGNORED);
  monitor_rig_start (rig, glob, EA_MONITOR_SOURCE_MODEMMANAGER, 0);

  monitor_rig_expect_silence (rig);
}

static void
test_new_object_of_a_modem_is_no_news (void **state)
{
  MonitorRig *rig = *state;
  g_autofree char *glob = get_glob (rig);
  g_autofree char *path = monitor_rig_make_node (rig, "port0");
  g_autofree char *added = get_line ('+', path, LEFT);

  monitor_rig_bring_manager (rig);
  fake_port_manager_add (rig->fake, 0, LEFT, "port0", MM_MODEM_PORT_TYPE_QMI);
  monitor_rig_start (rig, glob, EA_MONITOR_SOURCE_MODEMMANAGER, LONG_MS);
  monitor_rig_await (rig, 1, added);
  fake_port_manager_remove (rig->fake, 0);
  monitor_rig_expect_silence (rig);
  fake_port_manager_add (rig->fake, 1, LEFT, "port0", MM_MODEM_PORT_TYPE_QMI);

  monitor_rig_expect_silence (rig);
}

static void
test_restart_of_modem_manager_is_no_news (void **state)
{
  MonitorRig *rig = *state;
  g_autofree char *glob = get_glob (rig);
  g_autofree char *path = monitor_rig_make_node (rig, "port0");
  g_autofree char *added = get_line ('+', path, LEFT);

  monitor_rig_bring_manager (rig);
  fake_port_manager_add (rig->fake, 0, LEFT, "port0", MM_MODEM_PORT_TYPE_QMI);
  monitor_rig_await_port (rig, path);
  monitor_rig_start (rig, glob, EA_MONITOR_SOURCE_AUTO, LONG_MS);
  monitor_rig_await (rig, 1, added);
  monitor_rig_end_manager (rig);
  monitor_rig_expect_silence (rig);
  assert_int_equal (ea_monitor_get_source (rig->monitor), EA_MONITOR_SOURCE_UDEV);
  monitor_rig_bring_manager (rig);
  fake_port_manager_add (rig->fake, 0, LEFT, "port0", MM_MODEM_PORT_TYPE_QMI);

  monitor_rig_expect_silence (rig);
  assert_int_equal (ea_monitor_get_source (rig->monitor), EA_MONITOR_SOURCE_MODEMMANAGER);
}

static void
test_modem_keeps_its_identity_under_another_name (void **state)
{
  MonitorRig *rig = *state;
  g_autofree char *glob = get_glob (rig);
  g_autofree char *first = monitor_rig_make_node (rig, "port0");
  g_autofree char *second = NULL;
  g_autofree char *added = get_line ('+', first, LEFT);
  g_autofree char *removed = get_line ('-', first, LEFT);
  g_autofree char *replugged = NULL;

  monitor_rig_bring_manager (rig);
  fake_port_manager_add (rig->fake, 0, LEFT, "port0", MM_MODEM_PORT_TYPE_QMI);
  monitor_rig_start (rig, glob, EA_MONITOR_SOURCE_MODEMMANAGER, LONG_MS);
  monitor_rig_await (rig, 1, added);
  fake_port_manager_remove (rig->fake, 0);
  monitor_rig_remove_node (rig, "port0");
  monitor_rig_await (rig, 1, removed);
  second = monitor_rig_make_node (rig, "port1");
  fake_port_manager_add (rig->fake, 1, LEFT, "port1", MM_MODEM_PORT_TYPE_QMI);

  replugged = get_line ('+', second, LEFT);
  monitor_rig_await (rig, 1, replugged);
}

static void
test_second_port_of_a_modem_takes_over_from_the_first (void **state)
{
  MonitorRig *rig = *state;
  g_autofree char *glob = get_glob (rig);
  g_autofree char *first = monitor_rig_make_node (rig, "port9");
  g_autofree char *second = monitor_rig_make_node (rig, "port10");
  g_autofree char *added = get_line ('+', first, LEFT);
  g_autofree char *replaced = g_strdup_printf ("- %s " LEFT "\n+ %s " LEFT, first, second);

  monitor_rig_bring_manager (rig);
  fake_port_manager_add (rig->fake, 0, LEFT, "port9", MM_MODEM_PORT_TYPE_QMI);
  fake_port_manager_add (rig->fake, 1, LEFT, "port10", MM_MODEM_PORT_TYPE_QMI);
  monitor_rig_start (rig, glob, EA_MONITOR_SOURCE_MODEMMANAGER, LONG_MS);
  monitor_rig_await (rig, 1, added);
  monitor_rig_remove_node (rig, "port9");

  monitor_rig_await (rig, 2, replaced);
}

/* Of the bus, about the name of ModemManager. */
static void
call_bus (GDBusConnection *connection, const char *method, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
      arguments, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);

  assert_null (error);
  assert_non_null (reply);
}

static void
test_modem_manager_that_did_not_answer_is_asked_again_when_it_is_new (void **state)
{
  MonitorRig *rig = *state;

  g_clear_object (&rig->modem_manager);
  call_bus (rig->service, "RequestName", g_variant_new ("(su)", NAME, 0));
  rig->modem_manager = ea_modem_manager_new (rig->client);
  WAIT_FOR (ea_modem_manager_get_presence (rig->modem_manager) != EA_MODEM_MANAGER_UNKNOWN);
  assert_int_equal (ea_modem_manager_get_presence (rig->modem_manager), EA_MODEM_MANAGER_ABSENT);
  call_bus (rig->service, "ReleaseName", g_variant_new ("(s)", NAME));

  monitor_rig_bring_manager (rig);
}

/* Its owner goes while ModemManager is asked for, a little later from round to round. */
static void
test_modem_manager_that_goes_in_the_very_moment (void **state)
{
  MonitorRig *rig = *state;

  for (gint64 delay_us = 0; delay_us < 2000; delay_us += 20)
    {
      gint64 end_us;

      g_clear_object (&rig->modem_manager);
      call_bus (rig->service, "RequestName", g_variant_new ("(su)", NAME, 0));
      rig->modem_manager = ea_modem_manager_new (rig->client);
      end_us = g_get_monotonic_time () + delay_us;
      while (g_get_monotonic_time () < end_us)
        run_ready ();
      call_bus (rig->service, "ReleaseName", g_variant_new ("(s)", NAME));
      WAIT_FOR (ea_modem_manager_get_presence (rig->modem_manager) == EA_MODEM_MANAGER_ABSENT);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    MONITOR_RIG_TEST (test_node_of_the_configuration_comes_and_goes),
    MONITOR_RIG_TEST (test_node_that_is_made_anew_is_another),
    MONITOR_RIG_TEST (test_node_of_another_name_is_left_alone),
    MONITOR_RIG_TEST (test_node_of_qrtr_is_always_there),
    MONITOR_RIG_TEST (test_node_of_qrtr_that_modem_manager_lists_stays),
    MONITOR_RIG_TEST (test_word_of_modem_manager_is_waited_for),
    MONITOR_RIG_TEST (test_port_of_another_protocol_is_left_alone),
    MONITOR_RIG_TEST (test_new_object_of_a_modem_is_no_news),
    MONITOR_RIG_TEST (test_restart_of_modem_manager_is_no_news),
    MONITOR_RIG_TEST (test_modem_manager_that_did_not_answer_is_asked_again_when_it_is_new),
    MONITOR_RIG_TEST (test_modem_manager_that_goes_in_the_very_moment),
    MONITOR_RIG_TEST (test_modem_keeps_its_identity_under_another_name),
    MONITOR_RIG_TEST (test_second_port_of_a_modem_takes_over_from_the_first),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
