/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The client of the control socket. It prints replies as they come; only the "." behind the JSON
 * object of "state" is left out, so that the output can be piped into a JSON parser.
 */
#include "ctl-client.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>

#define EXIT_OK 0
#define EXIT_FAILED 1
#define EXIT_USAGE 2

/* Words that the server would split or unquote are quoted. */
static char *
build_line (char **words)
{
  GString *line = g_string_new (NULL);

  for (; *words != NULL; words++)
    {
      g_autofree char *quoted = g_shell_quote (*words);
      gboolean is_plain = **words != '\0' && strpbrk (*words, " \t\n\"'\\#$`") == NULL;

      g_string_append_printf (line, "%s%s", line->len == 0 ? "" : " ", is_plain ? *words : quoted);
    }
  g_string_append_c (line, '\n');
  return g_string_free (line, FALSE);
}

static int
print_reply (GDataInputStream *input, GError **error)
{
  gboolean is_first = TRUE;
  gboolean is_json = FALSE;

  for (;;)
    {
      g_autofree char *line = g_data_input_stream_read_line_utf8 (input, NULL, NULL, error);
      gboolean is_last = g_strcmp0 (line, ".") == 0;

      if (line == NULL)
        return EXIT_FAILED;
      is_json = is_json || (is_first && g_str_has_prefix (line, "{"));
      if (!is_last || !is_json)
        g_print ("%s\n", line);
      if (is_first && (g_str_has_prefix (line, "error ") || strcmp (line, "error") == 0))
        return EXIT_FAILED;
      if (is_last || (is_first && (g_str_has_prefix (line, "ok ") || strcmp (line, "ok") == 0)))
        return EXIT_OK;
      is_first = FALSE;
    }
}

static int
run (const char *path, const char *line, GError **error)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketConnection) connection
      = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, error);
  g_autoptr (GDataInputStream) input = NULL;

  if (connection == NULL)
    {
      g_prefix_error (error, "Cannot connect to '%s': ", path);
      return EXIT_FAILED;
    }
  if (!g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), line,
                                  strlen (line), NULL, NULL, error))
    return EXIT_FAILED;
  input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  return print_reply (input, error);
}

int
sim_ctl_main (int n_arguments, char **arguments)
{
  g_autofree char *path = NULL;
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (n_arguments < 2)
    {
      g_printerr ("Usage: euicc-sim ctl DIR COMMAND ...\n");
      return EXIT_USAGE;
    }
  path = g_build_filename (arguments[0], "control", NULL);
  line = build_line (arguments + 1);
  status = run (path, line, &error);
  if (error != NULL)
    g_printerr ("euicc-sim: %s\n", error->message);
  return status;
}
