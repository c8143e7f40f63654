/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Opening a port of MBIM for the QMI inside (agent/modem/qmi-open.h): in the sysfs of a umockdev test bed, and in a network
 * namespace, to which the abstract socket of mbim-proxy belongs. Run under umockdev-wrapper.
 */

#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <umockdev.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "modem/qmi-open.h"
#include "network.h"
#include "wait.h"

#define INTERFACE "/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.4"
#define HEADER_SIZE 4          /* bytes: the type of a message */
#define TYPE_COMMAND 3         /* MBIM 1.0 §9.1: the proxy is asked for the device first */
#define LOOKS_BEFORE_CONNECT 1 /* whether the proxy is there */

typedef struct
{
  UMockdevTestbed *testbed;
  gboolean has_ended;
  QmiDevice *device;
  GError *error;
  GSocketConnection *connection; /* of libmbim */
  guint n_connections;
  guint8 header[HEADER_SIZE];
  gboolean has_header;
} World;

static gboolean has_namespace;

static int
leave_network (void **state)
{
  has_namespace = network_leave ();
  return 0;
}

static int
begin (void **state)
{
  World *world = g_new0 (World, 1);
  g_autofree char *drivers = NULL;
  g_autoptr (GError) error = NULL;

  world->testbed = umockdev_testbed_new ();
  drivers = g_build_filename (umockdev_testbed_get_sys_dir (world->testbed),
                              "bus/usb/drivers/cdc_mbim", NULL);
  assert_int_equal (g_mkdir_with_parents (drivers, 0700), 0);
  if (!umockdev_testbed_add_from_string (world->testbed,
                                         "P: " INTERFACE "/usbmisc/cdc-wdm0\n"
                                         "N: cdc-wdm0=00\n"
                                         "E: DEVNAME=/dev/cdc-wdm0\n"
                                         "E: SUBSYSTEM=usbmisc\n"
                                         "L: device=../../../1-1:1.4\n"
                                         "\n"
                                         "P: " INTERFACE "\n"
                                         "E: DRIVER=cdc_mbim\n"
                                         "E: SUBSYSTEM=usb\n"
                                         "L: driver=../../../../../../bus/usb/drivers/cdc_mbim\n",
                                         &error))
    fail_msg ("%s", error->message);
  *state = world;
  return 0;
}

static int
end (void **state)
{
  World *world = *state;

  g_clear_object (&world->device);
  g_clear_object (&world->connection);
  g_clear_error (&world->error);
  g_object_unref (world->testbed);
  g_free (world);
  return 0;
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  World *world = user_data;

  world->device = ea_qmi_open_finish (result, &world->error);
  world->has_ended = TRUE;
}

static void
open_device (World *world, GCancellable *cancellable)
{
  const EaQmiOpenOptions options
      = { .path = "/dev/cdc-wdm0", .proxy = EA_MODEM_PROXY_AUTO, .proxy_path = "" };

  ea_qmi_open_async (&options, cancellable, on_opened, world);
}

static void
test_mbim_port_wants_its_own_proxy (void **state)
{
  World *world = *state;

  if (!has_namespace)
    skip ();
  open_device (world, NULL);

  WAIT_FOR (world->has_ended);
  assert_true (g_error_matches (world->error, EA_MODEM_ERROR, EA_MODEM_ERROR_NO_PROXY));
  assert_non_null (strstr (world->error->message, "mbim-proxy, which is not running"));
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  World *world = user_data;

  world->has_header
      = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL) == HEADER_SIZE;
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source,
             gpointer user_data)
{
  World *world = user_data;

  if (world->n_connections++ != LOOKS_BEFORE_CONNECT)
    return TRUE;
  world->connection = g_object_ref (connection);
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (connection)), world->header,
                             HEADER_SIZE, G_PRIORITY_DEFAULT, NULL, on_read, world);
  return TRUE;
}

static void
test_mbim_port_is_opened_as_mbim_through_its_proxy (void **state)
{
  World *world = *state;
  static const guint8 command[HEADER_SIZE] = { TYPE_COMMAND };
  g_autoptr (GSocketAddress) address
      = g_unix_socket_address_new_with_type ("mbim-proxy", -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);
  g_autoptr (GSocketService) proxy = g_socket_service_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  if (!has_namespace)
    skip ();
  assert_true (g_socket_listener_add_address (G_SOCKET_LISTENER (proxy), address,
                                              G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL,
                                              NULL, NULL));
  g_signal_connect (proxy, "incoming", G_CALLBACK (on_incoming), world);
  open_device (world, cancellable);

  WAIT_FOR (world->has_header);
  assert_memory_equal (world->header, command, sizeof command);
  g_socket_service_stop (proxy);
  g_socket_listener_close (G_SOCKET_LISTENER (proxy));
  g_cancellable_cancel (cancellable);
  g_clear_object (&world->connection);
  WAIT_FOR (world->has_ended);
  assert_null (world->device);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown (test_mbim_port_wants_its_own_proxy, begin, end),
    cmocka_unit_test_setup_teardown (test_mbim_port_is_opened_as_mbim_through_its_proxy, begin,
                                     end),
  };

  return cmocka_run_group_tests (tests, leave_network, NULL);
}
