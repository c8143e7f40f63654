/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Bearers that are nothing but a network interface (agent/modem/bearers.h), in a network namespace of this
 * process. Where none can be made the tests are skipped.
 */

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "modem/bearers.h"
#include "modem/interface.h"
#include "network.h"
#include "wait.h"

#define FOLDER_MODE 0700
#define FOLDERS_OPEN_MAX 8

static gboolean is_ready;

typedef struct
{
  char *sysfs;
  EaModemManager *modem_manager; /* has no bus */
  EaBearers *bearers;
  gboolean has_come;
  EaBearer *bearer;
  GError *error;
  guint n_lost;
  char *loss;
} World;

/* A pair of interfaces without addresses, one of which is up. */
static int
make_namespace (void **state)
{
  is_ready = network_leave () && network_run_ip ("link set lo up")
             && network_run_ip ("link add wwan0 type veth peer name far0")
             && network_run_ip ("link set far0 up")
             && network_write_text ("/proc/sys/net/ipv6/conf/wwan0/disable_ipv6", "1");
  return 0;
}

static int
begin (void **state)
{
  World *world = g_new0 (World, 1);

  world->sysfs = g_dir_make_tmp ("euicc-sysfs-XXXXXX", NULL);
  world->modem_manager = g_object_new (EA_TYPE_MODEM_MANAGER, NULL);
  *state = world;
  return 0;
}

static int
remove_one (const char *path, const struct stat *status, int kind, struct FTW *walk)
{
  return remove (path);
}

static int
end (void **state)
{
  World *world = *state;

  g_clear_object (&world->bearer);
  g_clear_object (&world->bearers);
  g_object_unref (world->modem_manager);
  g_clear_error (&world->error);
  (void) nftw (world->sysfs, remove_one, FOLDERS_OPEN_MAX, FTW_DEPTH | FTW_PHYS);
  g_free (world->sysfs);
  g_free (world->loss);
  g_free (world);
  return 0;
}

static World *
require_namespace (void **state)
{
  if (!is_ready)
    skip ();
  return *state;
}

/* @path: below the class folder */
static void
make_folder (World *world, const char *path)
{
  g_autofree char *folder = g_build_filename (world->sysfs, "class", path, NULL);

  assert_return_code (g_mkdir_with_parents (folder, FOLDER_MODE), 0);
}

static void
set_options (World *world, const char *path, const char *interface)
{
  EaBearersOptions options = { .use = EA_BEARER_USE_CONNECT,
                               .apn = "",
                               .interface = interface,
                               .path = path,
                               .sysfs = world->sysfs };

  g_clear_object (&world->bearers);
  world->bearers = ea_bearers_new (world->modem_manager, &options);
}

static void
on_lost (EaBearer *bearer, const GError *error, gpointer user_data)
{
  World *world = user_data;

  world->n_lost++;
  world->loss = g_strdup (error->message);
}

static void
on_acquired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  World *world = user_data;

  world->has_come = TRUE;
  world->bearer = ea_bearers_acquire_finish (EA_BEARERS (source), result, NULL, &world->error);
}

static void
acquire (World *world)
{
  EaBearerRequest request = { .apn = "iot" };

  g_clear_object (&world->bearer);
  g_clear_error (&world->error);
  world->has_come = FALSE;
  ea_bearers_acquire_async (world->bearers, &request, NULL, on_acquired, world);
  WAIT_FOR (world->has_come);
}

static void
expect_none (World *world, const char *reason)
{
  acquire (world);
  assert_null (world->bearer);
  assert_true (g_error_matches (world->error, EA_BEARER_ERROR, EA_BEARER_ERROR_NO_BEARER));
  assert_string_equal (world->error->message, reason);
}

static void
expect_interface (World *world, const char *interface)
{
  acquire (world);
  assert_non_null (world->bearer);
  assert_string_equal (ea_bearer_get_interface (world->bearer), interface);
  assert_string_equal (ea_bearer_get_apn (world->bearer), "");
  assert_int_equal (ea_bearer_get_dns_servers (world->bearer)->len, 0);
}

static void
test_interface_of_the_modems_usb_device_is_found (void **state)
{
  World *world = require_namespace (state);

  make_folder (world, "usbmisc/cdc-wdm0/device/net/lo");
  make_folder (world, "usbmisc/cdc-wdm1/device/net/wwan0");
  set_options (world, "/dev/cdc-wdm0", NULL);
  expect_interface (world, "lo");
  set_options (world, "/dev/cdc-wdm1", NULL);

  expect_none (world, "The network interface wwan0 is not up or has no address");
}

static void
test_interface_of_the_modems_wwan_device_is_found (void **state)
{
  World *world = require_namespace (state);

  make_folder (world, "wwan/wwan0qmi0/device/net/lo");
  make_folder (world, "wwan/wwan1qmi0/device/device/net/lo");
  set_options (world, "/dev/wwan0qmi0", NULL);
  expect_interface (world, "lo");
  set_options (world, "/dev/wwan1qmi0", NULL);

  expect_interface (world, "lo");
}

static void
test_interface_with_an_address_is_better_than_those_before_it (void **state)
{
  World *world = require_namespace (state);

  make_folder (world, "usbmisc/cdc-wdm0/device/net/absent0");
  make_folder (world, "usbmisc/cdc-wdm0/device/net/far0");
  make_folder (world, "usbmisc/cdc-wdm0/device/net/lo");
  make_folder (world, "usbmisc/cdc-wdm0/device/net/wwan0");
  set_options (world, "/dev/cdc-wdm0", NULL);

  expect_interface (world, "lo");
}

static void
test_modem_without_an_interface_has_no_bearer (void **state)
{
  World *world = require_namespace (state);

  set_options (world, "/dev/cdc-wdm0", NULL);

  expect_none (world, "ModemManager has no modem with the port /dev/cdc-wdm0, and that has no "
                      "network interface: Interface in [bearer] of agent.conf may name one");
}

static void
test_configured_interface_is_used_alone (void **state)
{
  World *world = require_namespace (state);

  make_folder (world, "usbmisc/cdc-wdm0/device/net/lo");
  set_options (world, "/dev/cdc-wdm0", "absent0");
  expect_none (world, "The network interface absent0 is not up or has no address");
  set_options (world, "/dev/cdc-wdm9", "lo");

  expect_interface (world, "lo");
}

static void
test_interface_is_shared_until_its_last_user_is_gone (void **state)
{
  World *world = require_namespace (state);
  g_autoptr (EaBearer) first = NULL;

  set_options (world, "/dev/cdc-wdm0", "lo");
  acquire (world);
  first = g_steal_pointer (&world->bearer);
  acquire (world);

  assert_ptr_equal (world->bearer, first);
}

static void
test_address_of_the_link_alone_is_none (void **state)
{
  require_namespace (state);

  assert_int_equal (ea_interface_get_state ("far0"), EA_INTERFACE_UP);
  assert_int_equal (ea_interface_get_state ("wwan0"), EA_INTERFACE_DOWN);
  assert_int_equal (ea_interface_get_state ("absent0"), EA_INTERFACE_ABSENT);
  assert_int_equal (ea_interface_get_state ("lo"), EA_INTERFACE_ADDRESS);
}

static void
acquire_wwan (World *world)
{
  world->n_lost = 0;
  g_clear_pointer (&world->loss, g_free);
  assert_true (network_run_ip ("link set wwan0 up"));
  acquire (world);
  assert_non_null (world->bearer);
  g_signal_connect (world->bearer, "lost", G_CALLBACK (on_lost), world);
}

static void
on_message (guint *n_messages)
{
  (*n_messages)++;
}

/* What the kernel tells of an interface is told to all who listen, one after the other. */
static void
await_message (void)
{
  g_autoptr (EaInterfaceWatch) watch = ea_interface_watch_new ();
  guint n_messages = 0;

  g_signal_connect_swapped (watch, "changed", G_CALLBACK (on_message), &n_messages);
  assert_true (network_run_ip ("addr add 127.0.0.9/8 dev lo"));
  assert_true (network_run_ip ("addr del 127.0.0.9/8 dev lo"));
  WAIT_FOR (n_messages > 0);
}

static void
expect_loss (World *world, const char *command, const char *loss)
{
  acquire_wwan (world);
  assert_true (network_run_ip (command));
  WAIT_FOR (world->n_lost > 0);

  assert_true (ea_bearer_is_lost (world->bearer));
  assert_string_equal (world->loss, loss);
  await_message ();
  assert_int_equal (world->n_lost, 1);
}

static void
test_interface_that_loses_its_address_is_lost_but_not_when_it_gets_another (void **state)
{
  World *world = require_namespace (state);

  assert_true (network_run_ip ("addr add 10.1.0.1/24 dev wwan0"));
  set_options (world, "/dev/cdc-wdm0", "wwan0");
  acquire_wwan (world);
  assert_true (network_run_ip ("addr del 10.1.0.1/24 dev wwan0"));
  run_ready ();
  assert_int_equal (world->n_lost, 0);
  assert_true (network_run_ip ("addr add 10.1.0.2/24 dev wwan0"));
  run_ready ();
  assert_true (network_run_ip ("link set far0 down")); /* another message */
  run_ready ();
  assert_int_equal (world->n_lost, 0);
  assert_true (network_run_ip ("link set far0 up"));
  assert_true (network_run_ip ("addr del 10.1.0.2/24 dev wwan0"));
  WAIT_FOR (world->n_lost > 0);

  assert_string_equal (world->loss, "The network interface wwan0 has no address any more");
}

/* Returns: the limit before; from now on no file can be opened */
static struct rlimit
use_up_files (void)
{
  int next = dup (STDIN_FILENO);
  struct rlimit before;
  struct rlimit limit;

  assert_return_code (getrlimit (RLIMIT_NOFILE, &before), 0);
  close (next);
  limit = before;
  limit.rlim_cur = (rlim_t) next;
  assert_return_code (setrlimit (RLIMIT_NOFILE, &limit), 0);
  return before;
}

static void
test_interface_that_can_not_be_looked_at_is_not_lost_until_it_can (void **state)
{
  World *world = require_namespace (state);
  struct rlimit limit;

  assert_true (network_run_ip ("addr add 10.1.0.1/24 dev wwan0"));
  set_options (world, "/dev/cdc-wdm0", "wwan0");
  acquire_wwan (world);
  assert_true (network_run_ip ("link set wwan0 down"));
  limit = use_up_files ();
  run_ready ();
  assert_int_equal (ea_interface_get_state ("wwan0"), EA_INTERFACE_UNKNOWN);
  assert_return_code (setrlimit (RLIMIT_NOFILE, &limit), 0);
  assert_int_equal (world->n_lost, 0);
  WAIT_FOR (world->n_lost > 0);

  assert_string_equal (world->loss, "The network interface wwan0 is down");
  assert_true (network_run_ip ("addr flush dev wwan0"));
}

/* The last one: no pair is left. */
static void
test_interface_that_goes_down_or_away_is_lost_once (void **state)
{
  World *world = require_namespace (state);

  assert_true (network_run_ip ("addr add 10.1.0.1/24 dev wwan0"));
  set_options (world, "/dev/cdc-wdm0", "wwan0");

  expect_loss (world, "link set wwan0 down", "The network interface wwan0 is down");
  expect_loss (world, "link del wwan0", "The network interface wwan0 is gone");
}

#define IN_WORLD(name) cmocka_unit_test_setup_teardown (name, begin, end)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    IN_WORLD (test_interface_of_the_modems_usb_device_is_found),
    IN_WORLD (test_interface_of_the_modems_wwan_device_is_found),
    IN_WORLD (test_interface_with_an_address_is_better_than_those_before_it),
    IN_WORLD (test_modem_without_an_interface_has_no_bearer),
    IN_WORLD (test_configured_interface_is_used_alone),
    IN_WORLD (test_interface_is_shared_until_its_last_user_is_gone),
    IN_WORLD (test_address_of_the_link_alone_is_none),
    IN_WORLD (test_interface_that_loses_its_address_is_lost_but_not_when_it_gets_another),
    IN_WORLD (test_interface_that_can_not_be_looked_at_is_not_lost_until_it_can),
    IN_WORLD (test_interface_that_goes_down_or_away_is_lost_once),
  };

  return cmocka_run_group_tests_name ("bearer-interface", tests, make_namespace, NULL);
}
