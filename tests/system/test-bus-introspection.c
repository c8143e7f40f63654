/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the live objects say of themselves is the XML of dbus/, which is installed for clients, and that has every name
 * that users rely on.
 */

#include "https-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define AGENT_NAME "org.euicc.Agent1"
#define ROOT "/org/euicc/Agent1"

/* OPEN CHANNEL, immediate: TCP to 127.0.0.1, default access name, buffer 1400: the worked example of tests/vectors */
#define OPEN_TCP                                                                                   \
  "D01C81030140018202818235010339020578"                                                           \
  "3C0302%04X3E05217F000001"

/* One for each interface, and where an object has it */
typedef struct
{
  const char *interface;
  const char *path;
  const char *promised[32]; /* ends with NULL */
} Promise;

/* The contract, written down by hand */
static const Promise promises[] = {
  { AGENT_NAME ".Manager",
    ROOT,
    { "property Version s read", "method Reload () ()", "method GetHistory (tu) (aa{sv})" } },
  { AGENT_NAME ".Euicc", ROOT "/Euicc/0", { "property Eid s read",
                                            "property Iccid s read",
                                            "property PreviousIccid s read",
                                            "property Atr ay read",
                                            "property Slot u read",
                                            "property Modem o read",
                                            "property Device s read",
                                            "property DeviceId s read",
                                            "property Imei s read",
                                            "property Role s read",
                                            "property RoleReason s read",
                                            "property State s read",
                                            "property StateReason s read",
                                            "property Capabilities as read",
                                            "property CatMode s read",
                                            "property Events as read",
                                            "property KeySets as read",
                                            "property Counters a{st} read",
                                            "property LastActivity t read",
                                            "property LastError (ss) read",
                                            "method OpenSession (sa{sv}) (o)",
                                            "method Rescan () ()",
                                            "signal ProfileChanged (sss)" } },
  { AGENT_NAME ".Session",
    ROOT "/Session/0",
    { "property Euicc o read", "property Transport s read", "property Origin s read",
      "property Peer s read", "property Address s read", "property Interface s read",
      "property State s read", "property BytesReceived t read", "property BytesSent t read",
      "property Apdus u read", "property Scripts u read", "property Attempt u read",
      "property NextAttempt t read", "property StartedAt t read", "property EndedAt t read",
      "property Result s read", "property Error (ss) read", "method Cancel () ()" } },
  { AGENT_NAME ".Channel",
    ROOT "/Channel/0",
    { "property Euicc o read", "property Number u read", "property Transport s read",
      "property Peer s read", "property Interface s read", "property Apn s read",
      "property BufferSize u read", "property State s read", "property BytesReceived t read",
      "property BytesSent t read", "property Error (ss) read" } },
};

static GDBusNodeInfo *
parse (const char *xml)
{
  g_autoptr (GError) error = NULL;
  GDBusNodeInfo *node = g_dbus_node_info_new_for_xml (xml, &error);

  if (node == NULL)
    fail_msg ("%s", error->message);
  return node;
}

/* (transfer full): of an interface in dbus/ */
static GDBusNodeInfo *
read_xml (const char *interface)
{
  g_autofree char *name = g_strconcat (interface, ".xml", NULL);
  g_autofree char *path = g_build_filename (g_getenv ("EA_TEST_INTERFACES"), name, NULL);
  g_autofree char *xml = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_file_get_contents (path, &xml, NULL, &error))
    fail_msg ("%s", error->message);
  return parse (xml);
}

/* (transfer full): of an object of the agent */
static GDBusNodeInfo *
introspect (Rig *rig, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      rig->connection, AGENT_NAME, path, "org.freedesktop.DBus.Introspectable", "Introspect", NULL,
      G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  const char *xml;

  if (reply == NULL)
    fail_msg ("%s: %s", path, error->message);
  g_variant_get (reply, "(&s)", &xml);
  return parse (xml);
}

/* Types alone, or with names */
static void
add_arguments (GString *line, GDBusArgInfo **arguments, gboolean has_names)
{
  g_string_append (line, " (");
  for (guint i = 0; arguments != NULL && arguments[i] != NULL; i++)
    g_string_append_printf (line, "%s%s%s", arguments[i]->signature, has_names ? " " : "",
                            has_names ? arguments[i]->name : "");
  g_string_append (line, ")");
}

static void
add_line (GPtrArray *lines, GString *line)
{
  g_ptr_array_add (lines, g_string_free (line, FALSE));
}

static const char *
get_access (const GDBusPropertyInfo *property)
{
  switch ((guint) property->flags)
    {
    case G_DBUS_PROPERTY_INFO_FLAGS_READABLE:
      return "read";
    case G_DBUS_PROPERTY_INFO_FLAGS_WRITABLE:
      return "write";
    default:
      return "readwrite";
    }
}

static void
describe_property (GPtrArray *lines, const GDBusPropertyInfo *property, gboolean has_names)
{
  GString *line = g_string_new (NULL);
  const char *emits = g_dbus_annotation_info_lookup (
      property->annotations, "org.freedesktop.DBus.Property.EmitsChangedSignal");

  g_string_printf (line, "property %s %s %s", property->name, property->signature,
                   get_access (property));
  if (has_names && emits != NULL)
    g_string_append_printf (line, " emits=%s", emits);
  add_line (lines, line);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* (transfer full): a sorted line for each member. @has_names: with those of arguments, and when changes are told */
static GPtrArray *
describe (const GDBusInterfaceInfo *info, gboolean has_names)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; info->methods != NULL && info->methods[i] != NULL; i++)
    {
      GString *line = g_string_new ("method ");

      g_string_append (line, info->methods[i]->name);
      add_arguments (line, info->methods[i]->in_args, has_names);
      add_arguments (line, info->methods[i]->out_args, has_names);
      add_line (lines, line);
    }
  for (guint i = 0; info->signals != NULL && info->signals[i] != NULL; i++)
    {
      GString *line = g_string_new ("signal ");

      g_string_append (line, info->signals[i]->name);
      add_arguments (line, info->signals[i]->args, has_names);
      add_line (lines, line);
    }
  for (guint i = 0; info->properties != NULL && info->properties[i] != NULL; i++)
    describe_property (lines, info->properties[i], has_names);
  g_ptr_array_sort (lines, compare);
  return lines;
}

static char *
join (GPtrArray *lines)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (text, "%s\n", (const char *) lines->pdata[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static GDBusInterfaceInfo *
find (GDBusNodeInfo *node, const char *interface)
{
  GDBusInterfaceInfo *info = g_dbus_node_info_lookup_interface (node, interface);

  if (info == NULL)
    fail_msg ("there is no %s", interface);
  return info;
}

static void
expect_same (Rig *rig, const Promise *promise)
{
  g_autoptr (GDBusNodeInfo) live_node = introspect (rig, promise->path);
  g_autoptr (GDBusNodeInfo) written_node = read_xml (promise->interface);
  g_autoptr (GPtrArray) live = describe (find (live_node, promise->interface), TRUE);
  g_autoptr (GPtrArray) written = describe (find (written_node, promise->interface), TRUE);
  g_autofree char *live_text = join (live);
  g_autofree char *written_text = join (written);

  assert_null (written_node->interfaces[1]); /* a file for each */
  assert_string_equal (live_text, written_text);
}

/* Beside its own interface there are only those of D-Bus itself. */
static void
expect_no_other (Rig *rig, const Promise *promise)
{
  static const char *const of_dbus[]
      = { "org.freedesktop.DBus.Introspectable", "org.freedesktop.DBus.ObjectManager",
          "org.freedesktop.DBus.Peer", "org.freedesktop.DBus.Properties", NULL };
  g_autoptr (GDBusNodeInfo) node = introspect (rig, promise->path);

  for (guint i = 0; node->interfaces[i] != NULL; i++)
    if (strcmp (node->interfaces[i]->name, promise->interface) != 0
        && !g_strv_contains (of_dbus, node->interfaces[i]->name))
      fail_msg ("%s has %s", promise->path, node->interfaces[i]->name);
  find (node, "org.freedesktop.DBus.Properties");
  if (strcmp (promise->path, ROOT) == 0)
    find (node, "org.freedesktop.DBus.ObjectManager");
}

/* An object of each kind */
static void
start (Rig *rig)
{
  g_autofree char *reply = NULL;

  https_start (rig, NULL);
  assert_int_equal (https_open_session (rig, "{}"), 0);
  reply = rig_control (rig, "proactive " OPEN_TCP, (guint) https_get_number (rig, "https"));
  rig_assert_has (reply, "ok 8103014001820282818301");
}

static void
test_live_objects_are_as_the_installed_xml_says (void **state)
{
  Rig *rig = *state;

  start (rig);

  for (gsize i = 0; i < G_N_ELEMENTS (promises); i++)
    {
      expect_same (rig, &promises[i]);
      expect_no_other (rig, &promises[i]);
    }
}

static void
test_the_xml_has_every_name_that_users_rely_on (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (promises); i++)
    {
      g_autoptr (GDBusNodeInfo) node = read_xml (promises[i].interface);
      g_autoptr (GPtrArray) lines = describe (find (node, promises[i].interface), FALSE);

      for (guint j = 0; promises[i].promised[j] != NULL; j++)
        if (!g_ptr_array_find_with_equal_func (lines, promises[i].promised[j], g_str_equal, NULL))
          fail_msg ("%s has no '%s'", promises[i].interface, promises[i].promised[j]);
    }
}

/* Nobody may set anything: no property is for writing. */
static void
test_every_property_can_only_be_read (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (promises); i++)
    {
      g_autoptr (GDBusNodeInfo) node = read_xml (promises[i].interface);
      GDBusPropertyInfo **properties = find (node, promises[i].interface)->properties;

      for (guint j = 0; properties[j] != NULL; j++)
        assert_string_equal (get_access (properties[j]), "read");
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_live_objects_are_as_the_installed_xml_says),
    cmocka_unit_test (test_the_xml_has_every_name_that_users_rely_on),
    cmocka_unit_test (test_every_property_can_only_be_read),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
