/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the gate lets callers have waiting: a service that answers when the test says so, and clients on a private bus. */

#include "bus-gate.h"
#include "private-bus.h"
#include "wait.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PATH "/test"
#define INTERFACE "org.example.Test"
#define LIMIT_EXCEEDED "org.euicc.Agent1.Error.LimitExceeded"
#define HEADER_ROOM 1024 /* for all of the header fields of a call here */

typedef struct
{
  GTestDBus *bus;
  GDBusConnection *service;
  EaBusGate *gate;
  guint object;
  GPtrArray *held; /* GDBusMethodInvocation, ours until they are answered */
  guint n_called;  /* by those who want a reply */
  guint n_heard;
  guint n_answered;
  guint n_refused;
  guint n_lost; /* by callers who are gone */
} World;

static void
on_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  World *world = user_data;

  world->n_heard++;
  g_ptr_array_add (world->held, invocation);
}

static int
setup (void **state)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  World *world = g_new0 (World, 1);
  g_autoptr (GDBusNodeInfo) node
      = g_dbus_node_info_new_for_xml ("<node><interface name='" INTERFACE "'><method name='Do'>"
                                      "<arg type='s' direction='in'/></method></interface></node>",
                                      NULL);

  world->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (world->bus);
  world->service = private_bus_connect (world->bus);
  world->gate = ea_bus_gate_new (world->service);
  world->held = g_ptr_array_new_with_free_func (g_object_unref);
  world->object = g_dbus_connection_register_object (world->service, PATH, node->interfaces[0],
                                                     &vtable, world, NULL, NULL);
  assert_true (world->object > 0);
  *state = world;
  return 0;
}

static void
answer_all (World *world)
{
  for (guint i = 0; i < world->held->len; i++)
    {
      GDBusMethodInvocation *invocation = world->held->pdata[i];

      g_dbus_method_invocation_return_value (g_object_ref (invocation), NULL);
    }
  g_ptr_array_set_size (world->held, 0);
}

static int
teardown (void **state)
{
  World *world = *state;

  answer_all (world);
  g_dbus_connection_unregister_object (world->service, world->object);
  ea_bus_gate_free (world->gate);
  g_ptr_array_unref (world->held);
  g_dbus_connection_close_sync (world->service, NULL, NULL);
  g_object_unref (world->service);
  g_test_dbus_down (world->bus);
  g_object_unref (world->bus);
  g_free (world);
  return 0;
}

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  World *world = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autofree char *name = reply == NULL ? g_dbus_error_get_remote_error (error) : NULL;

  if (reply != NULL)
    world->n_answered++;
  else if (g_strcmp0 (name, LIMIT_EXCEEDED) == 0)
    world->n_refused++;
  else if (name == NULL)
    world->n_lost++;
  else
    fail_msg ("%s", error->message);
}

static void
call (World *world, GDBusConnection *client, guint n_calls, const char *text)
{
  for (guint i = 0; i < n_calls; i++)
    g_dbus_connection_call (client, g_dbus_connection_get_unique_name (world->service), PATH,
                            INTERFACE, "Do", g_variant_new ("(s)", text), NULL,
                            G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_reply, world);
  world->n_called += n_calls;
}

/* All are answered, and know it. */
static void
settle (World *world)
{
  answer_all (world);
  WAIT_FOR (world->n_answered + world->n_refused + world->n_lost == world->n_called);
}

static void
end (GDBusConnection *client)
{
  g_dbus_connection_close_sync (client, NULL, NULL);
  g_object_unref (client);
}

static void
test_a_caller_has_64_calls_waiting_and_more_when_they_are_answered (void **state)
{
  World *world = *state;
  GDBusConnection *client = private_bus_connect (world->bus);

  call (world, client, EA_BUS_GATE_CALLER_MAX, "");
  WAIT_FOR (world->n_heard == EA_BUS_GATE_CALLER_MAX);
  call (world, client, 1, "");
  WAIT_FOR (world->n_refused == 1);
  settle (world);
  call (world, client, EA_BUS_GATE_CALLER_MAX, "");
  WAIT_FOR (world->n_heard == 2 * EA_BUS_GATE_CALLER_MAX);
  settle (world);

  assert_int_equal (world->n_refused, 1);
  end (client);
}

static void
test_with_256_calls_waiting_everybody_has_one (void **state)
{
  World *world = *state;
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func ((GDestroyNotify) end);
  GDBusConnection *client = private_bus_connect (world->bus);

  for (guint i = 0; i < EA_BUS_GATE_CALLS_MAX / EA_BUS_GATE_CALLER_MAX; i++)
    {
      g_ptr_array_add (others, private_bus_connect (world->bus));
      call (world, others->pdata[i], EA_BUS_GATE_CALLER_MAX, "");
    }
  WAIT_FOR (world->n_heard == EA_BUS_GATE_CALLS_MAX);
  call (world, client, 1, "");
  WAIT_FOR (world->n_heard == EA_BUS_GATE_CALLS_MAX + 1);
  call (world, client, 1, "");
  WAIT_FOR (world->n_refused == 1);
  settle (world);

  end (client);
}

/* As many as may wait of all, by callers who do not wait for their replies */
static void
test_who_is_gone_leaves_its_places_to_others (void **state)
{
  World *world = *state;
  GDBusConnection *client = private_bus_connect (world->bus);

  for (guint i = 0; i < EA_BUS_GATE_CALLS_MAX / EA_BUS_GATE_CALLER_MAX; i++)
    {
      GDBusConnection *other = private_bus_connect (world->bus);

      call (world, other, EA_BUS_GATE_CALLER_MAX, "");
      WAIT_FOR (world->n_heard == (i + 1) * EA_BUS_GATE_CALLER_MAX);
      end (other);
      settle (world);
      private_bus_round_trip (world->service); /* the replies are on the bus */
    }
  world->n_heard = 0;
  call (world, client, EA_BUS_GATE_CALLER_MAX, "");
  WAIT_FOR (world->n_heard == EA_BUS_GATE_CALLER_MAX);
  settle (world);

  assert_int_equal (world->n_refused, 0);
  end (client);
}

static void
send_silent (World *world, GDBusConnection *client)
{
  g_autoptr (GDBusMessage) message = g_dbus_message_new_method_call (
      g_dbus_connection_get_unique_name (world->service), PATH, INTERFACE, "Do");

  g_dbus_message_set_flags (message, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
  g_dbus_message_set_body (message, g_variant_new ("(s)", ""));
  assert_true (
      g_dbus_connection_send_message (client, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL));
}

/* The main loop stands still while they come: those that the gate lets in wait for it, and no others. */
static void
test_calls_that_want_no_reply_wait_for_the_main_loop (void **state)
{
  World *world = *state;
  GDBusConnection *client = private_bus_connect (world->bus);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autofree char *name = NULL;

  for (guint i = 0; i < 2 * EA_BUS_GATE_CALLER_MAX; i++)
    send_silent (world, client);
  reply = g_dbus_connection_call_sync (client, g_dbus_connection_get_unique_name (world->service),
                                       PATH, "org.freedesktop.DBus.Peer", "Ping", NULL, NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  assert_null (reply); /* all of them have been read by now, and this one was one too many */
  name = g_dbus_error_get_remote_error (error);
  assert_string_equal (name, LIMIT_EXCEEDED);
  WAIT_FOR (world->n_heard == EA_BUS_GATE_CALLER_MAX);
  run_ready ();
  assert_int_equal (world->n_heard, EA_BUS_GATE_CALLER_MAX);
  send_silent (world, client);
  WAIT_FOR (world->n_heard == EA_BUS_GATE_CALLER_MAX + 1);

  end (client);
}

static void
test_a_call_has_32_kibibytes_with_its_header (void **state)
{
  World *world = *state;
  GDBusConnection *client = private_bus_connect (world->bus);
  g_autofree char *text = g_malloc0 (EA_BUS_GATE_SIZE_MAX + 1);

  memset (text, 'a', EA_BUS_GATE_SIZE_MAX);
  call (world, client, 1, text);
  WAIT_FOR (world->n_refused == 1);
  text[EA_BUS_GATE_SIZE_MAX - HEADER_ROOM] = '\0';
  call (world, client, 1, text);
  WAIT_FOR (world->n_heard == 1);
  settle (world);

  end (client);
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    WORLD_TEST (test_a_caller_has_64_calls_waiting_and_more_when_they_are_answered),
    WORLD_TEST (test_with_256_calls_waiting_everybody_has_one),
    WORLD_TEST (test_who_is_gone_leaves_its_places_to_others),
    WORLD_TEST (test_calls_that_want_no_reply_wait_for_the_main_loop),
    WORLD_TEST (test_a_call_has_32_kibibytes_with_its_header),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
