/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Opening devices (agent/modem/qmi-open.h): which way is taken, and what it says where there is none. */

#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "modem/qmi-open.h"
#include "wait.h"

#define NODE "/dev/null" /* a character device, which a proxy would open */
#define QMUX_MARKER 0x01 /* the first byte of every frame */

typedef struct
{
  gboolean has_ended;
  QmiDevice *device;
  GError *error;
  guint n_connections;
  guint8 first_byte;
  gboolean has_byte;
} World;

static int
begin (void **state)
{
  World *world = g_new0 (World, 1);

  *state = world;
  return 0;
}

static int
end (void **state)
{
  World *world = *state;

  g_clear_object (&world->device);
  g_clear_error (&world->error);
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
open_device (World *world, const char *path, EaModemProxy proxy, const char *proxy_path,
             GCancellable *cancellable)
{
  const EaQmiOpenOptions options = { .path = path, .proxy = proxy, .proxy_path = proxy_path };

  ea_qmi_open_async (&options, cancellable, on_opened, world);
}

static void
test_proxy_that_is_not_there_is_named (void **state)
{
  World *world = *state;

  open_device (world, NODE, EA_MODEM_PROXY_YES, "euicc-test-nobody", NULL);

  WAIT_FOR (world->has_ended);
  assert_null (world->device);
  assert_true (g_error_matches (world->error, EA_MODEM_ERROR, EA_MODEM_ERROR_NO_PROXY));
  assert_non_null (strstr (world->error->message, "euicc-test-nobody, which is not running"));
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  World *world = user_data;

  world->has_byte = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL) == 1;
}

/* The first connection is a look whether the proxy is there. */
static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source,
             gpointer user_data)
{
  World *world = user_data;

  world->n_connections++;
  if (world->n_connections == 2)
    {
      g_object_set_data_full (G_OBJECT (service), "second", g_object_ref (connection),
                              g_object_unref);
      g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                                 &world->first_byte, 1, G_PRIORITY_DEFAULT, NULL, on_read, world);
    }
  return TRUE;
}

static void
test_device_is_opened_through_the_proxy_of_that_name (void **state)
{
  World *world = *state;
  g_autofree char *name = g_strdup_printf ("euicc-test-proxy-%d", (int) getpid ());
  g_autoptr (GSocketAddress) address
      = g_unix_socket_address_new_with_type (name, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);
  g_autoptr (GSocketService) proxy = g_socket_service_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  assert_true (g_socket_listener_add_address (G_SOCKET_LISTENER (proxy), address,
                                              G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL,
                                              NULL, NULL));
  g_signal_connect (proxy, "incoming", G_CALLBACK (on_incoming), world);
  open_device (world, NODE, EA_MODEM_PROXY_YES, name, cancellable);

  WAIT_FOR (world->has_byte);
  assert_int_equal (world->first_byte, QMUX_MARKER);
  g_cancellable_cancel (cancellable);
  g_socket_service_stop (proxy);
  g_socket_listener_close (G_SOCKET_LISTENER (proxy));
  g_object_set_data (G_OBJECT (proxy), "second", NULL);
  WAIT_FOR (world->has_ended);
  assert_null (world->device);
}

static void
test_node_of_qrtr_that_is_not_there_is_an_error (void **state)
{
  World *world = *state;

  open_device (world, "qrtr://4294967294", EA_MODEM_PROXY_YES, "", NULL);

  WAIT_FOR (world->has_ended);
  assert_null (world->device);
  assert_true (world->error->domain == EA_MODEM_ERROR);
  assert_false (g_error_matches (world->error, EA_MODEM_ERROR, EA_MODEM_ERROR_NO_PROXY));
  assert_non_null (strstr (world->error->message, "QRTR"));
}

static void
test_device_that_is_no_port_fails (void **state)
{
  World *world = *state;

  open_device (world, "/nowhere/cdc-wdm0", EA_MODEM_PROXY_NO, "", NULL);

  WAIT_FOR (world->has_ended);
  assert_null (world->device);
  assert_true (world->error->domain == EA_MODEM_ERROR);
}

#define OPEN_TEST(name) cmocka_unit_test_setup_teardown (name, begin, end)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    OPEN_TEST (test_proxy_that_is_not_there_is_named),
    OPEN_TEST (test_device_is_opened_through_the_proxy_of_that_name),
    OPEN_TEST (test_node_of_qrtr_that_is_not_there_is_an_error),
    OPEN_TEST (test_device_that_is_no_port_fails),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
