/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What of the agent can be reached from outside: no socket of its own waits for anybody. */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

/* A UDP channel to 127.0.0.1, port 9, and its answer */
#define OPEN_UDP "D01C810301400182028182350103390205783C030100093E05217F000001"
#define OPENED_UDP "ok 8103014001820282818301003802810035010339020578"

/* /proc/net of the kernel: where a row has its inode, and what tells that the socket waits for anybody */
static const struct
{
  const char *name;
  guint inode_column;
  guint column;
  const char *value; /* the end of what is in the column */
} tables[] = {
  { "tcp", 9, 3, "0A" },                               /* TCP_LISTEN */
  { "tcp6", 9, 3, "0A" },    { "udp", 9, 2, ":0000" }, /* no peer */
  { "udp6", 9, 2, ":0000" }, { "raw", 9, 2, ":0000" },
  { "raw6", 9, 2, ":0000" }, { "unix", 6, 3, "00010000" }, /* SO_ACCEPTCON */
};

/* (transfer full): the inodes of a process's sockets, as /proc/PID/fd has them */
static GHashTable *
list_sockets (GSubprocess *process)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/fd", g_subprocess_get_identifier (process));
  GHashTable *sockets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  assert_non_null (directory);
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      g_autofree char *target = g_file_read_link (file, NULL);

      if (target != NULL && g_str_has_prefix (target, "socket:["))
        g_hash_table_add (sockets, g_strndup (target + 8, strlen (target) - 9));
    }
  return sockets;
}

/* (transfer full): the columns of a row, without the blanks between */
static GPtrArray *
split_row (const char *row)
{
  GPtrArray *columns = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) parts = g_strsplit (row, " ", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] != '\0')
      g_ptr_array_add (columns, g_strdup (parts[i]));
  return columns;
}

/* Adds the rows of the table that are sockets of these and wait for anybody. */
static void
add_waiting (GString *waiting, gsize table, GHashTable *sockets)
{
  g_autofree char *path = g_build_filename ("/proc/net", tables[table].name, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) rows = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return; /* a kernel without IPv6 */
  rows = g_strsplit (text, "\n", -1);
  for (guint i = 1; rows[i] != NULL; i++)
    {
      g_autoptr (GPtrArray) columns = split_row (rows[i]);

      if (columns->len > MAX (tables[table].inode_column, tables[table].column)
          && g_hash_table_contains (sockets, columns->pdata[tables[table].inode_column])
          && g_str_has_suffix (columns->pdata[tables[table].column], tables[table].value))
        g_string_append_printf (waiting, "%s: %s\n", tables[table].name, rows[i]);
    }
}

/* (transfer full): "" where no socket of the process waits for anybody */
static char *
find_waiting (GSubprocess *process)
{
  g_autoptr (GHashTable) sockets = list_sockets (process);
  GString *waiting = g_string_new ("");

  assert_true (g_hash_table_size (sockets) > 0);
  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    add_waiting (waiting, i, sockets);
  return g_string_free (waiting, FALSE);
}

static void
assert_nothing_waits (Rig *rig)
{
  g_autofree char *waiting = find_waiting (rig->agent);

  assert_string_equal (waiting, "");
}

/* The simulator beside it listens, by TCP, UDP and a control socket. */
static void
test_nothing_listens (void **state)
{
  Rig *rig = *state;
  g_autofree char *of_simulator = NULL;

  rig_write_config (rig, RIG_LOOPBACK_CONFIG);
  rig_start (rig);
  of_simulator = find_waiting (rig->simulator);
  rig_assert_has (of_simulator, "tcp: ");
  rig_assert_has (of_simulator, "udp: ");
  rig_assert_has (of_simulator, "unix: ");
  assert_nothing_waits (rig);
  rig_expect_control (rig, OPENED_UDP, "proactive " OPEN_UDP);
  assert_nothing_waits (rig);
  rig_expect_control (rig, "ok ack", "sms %s", RIG_COMMAND_TPDU);
  rig_await_counter (rig, "sms-sent", 1);

  assert_nothing_waits (rig);
  rig_stop_agent (rig);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_nothing_listens),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
