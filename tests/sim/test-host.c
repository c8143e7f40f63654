/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host side of a simulated modem, for tests. */
#include "test-host.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DEADLINE_US (10 * G_USEC_PER_SEC)
/* Result TLV: type, length, status, error, as hexadecimal digits */
#define RESULT_DIGITS 14

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  TestHost *host = user_data;
  guint8 buffer[512];
  gssize n_read = read (fd, buffer, sizeof buffer);
  GBytes *frame;

  if (n_read <= 0)
    {
      host->source = 0;
      return G_SOURCE_REMOVE;
    }
  sim_qmux_stream_push (&host->input, ea_span_init (buffer, (gsize) n_read));
  while ((frame = sim_qmux_stream_pull (&host->input)) != NULL)
    g_queue_push_tail (&host->received, frame);
  return G_SOURCE_CONTINUE;
}

static void
close_port (TestHost *host)
{
  g_clear_handle_id (&host->source, g_source_remove);
  if (host->fd >= 0)
    close (host->fd);
  host->fd = -1;
}

void
test_host_open (TestHost *host)
{
  g_autofree char *link = g_build_filename (host->dir, "cdc-wdm0", NULL);

  close_port (host);
  host->fd = open (link, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  assert_true (host->fd >= 0);
  host->source = g_unix_fd_add (host->fd, G_IO_IN | G_IO_HUP, on_readable, host);
}

TestHost *
test_host_new (SimGrant grant, gboolean reports_all)
{
  TestHost *host = g_new0 (TestHost, 1);
  SimModemOptions options = { .grant = grant, .reports_all = reports_all };

  host->dir = g_dir_make_tmp ("euicc-sim-XXXXXX", NULL);
  options.dir = host->dir;
  host->modem = sim_modem_new (&options, NULL);
  assert_non_null (host->modem);
  host->modems = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_modem_free);
  g_ptr_array_add (host->modems, host->modem);
  host->fd = -1;
  sim_qmux_stream_init (&host->input);
  test_host_open (host);
  return host;
}

void
test_host_free (TestHost *host)
{
  close_port (host);
  g_ptr_array_unref (host->modems);
  assert_int_equal (g_rmdir (host->dir), 0);
  sim_qmux_stream_clear (&host->input);
  g_queue_clear_full (&host->received, (GDestroyNotify) g_bytes_unref);
  g_free (host->reply);
  g_free (host->dir);
  g_free (host);
}

void
test_host_send (TestHost *host, guint8 service, guint8 client, guint16 message, const char *tlvs)
{
  g_autoptr (GBytes) bytes = ea_bytes_from_hex (tlvs, NULL);
  SimQmiMessage request
      = { .kind = SIM_QMI_REQUEST, .service = service, .client = client, .message = message };
  g_autoptr (GBytes) frame = NULL;

  assert_non_null (bytes);
  host->last_transaction = (guint16) (host->last_transaction % 250 + 1);
  request.transaction = host->last_transaction;
  request.tlvs = ea_span_from_bytes (bytes);
  frame = sim_qmux_build (&request);
  assert_int_equal (write (host->fd, g_bytes_get_data (frame, NULL), g_bytes_get_size (frame)),
                    g_bytes_get_size (frame));
}

/* (transfer full) (nullable) */
static char *
take (TestHost *host, SimQmiKind kind, guint8 service, guint16 message)
{
  for (GList *item = host->received.head; item != NULL; item = item->next)
    {
      GBytes *frame = item->data;
      SimQmiMessage found;
      char *hex;

      assert_true (sim_qmux_parse (&found, ea_span_from_bytes (frame), NULL));
      if (found.kind != kind || found.service != service || found.message != message)
        continue;
      hex = ea_span_to_hex (found.tlvs);
      g_queue_delete_link (&host->received, item);
      g_bytes_unref (frame);
      return hex;
    }
  return NULL;
}

static gboolean
on_deadline (gpointer user_data)
{
  gboolean *is_over = user_data;

  *is_over = TRUE;
  return G_SOURCE_CONTINUE;
}

char *
test_host_wait (TestHost *host, SimQmiKind kind, guint8 service, guint16 message)
{
  gboolean is_over = FALSE;
  guint deadline = g_timeout_add (DEADLINE_US / 1000, on_deadline, &is_over);
  char *tlvs;

  while ((tlvs = take (host, kind, service, message)) == NULL && !is_over)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
  assert_non_null (tlvs);
  return tlvs;
}

gboolean
test_host_has (TestHost *host, SimQmiKind kind, guint8 service, guint16 message)
{
  g_autofree char *tlvs = NULL;

  while (g_main_context_iteration (NULL, FALSE))
    ;
  tlvs = take (host, kind, service, message);
  return tlvs != NULL;
}

char *
test_host_request (TestHost *host, SimQmiError error, guint8 service, guint8 client,
                   guint16 message, const char *tlvs)
{
  g_autofree char *response = NULL;
  g_autofree char *result = NULL;
  guint value = (guint) error;

  test_host_send (host, service, client, message, tlvs);
  response = test_host_wait (host, SIM_QMI_RESPONSE, service, message);
  result = g_strdup_printf ("020400%s00%02X%02X", error == SIM_QMI_OK ? "00" : "01", value & 0xFF,
                            value >> 8);
  assert_true (g_str_has_prefix (response, result));
  return g_strdup (response + RESULT_DIGITS);
}

void
test_host_expect (TestHost *host, SimQmiError error, guint8 service, guint8 client, guint16 message,
                  const char *tlvs)
{
  g_free (test_host_request (host, error, service, client, message, tlvs));
}

guint8
test_host_allocate (TestHost *host, guint8 service)
{
  g_autofree char *request = g_strdup_printf ("010100%02X", service);
  g_autofree char *response
      = test_host_request (host, SIM_QMI_OK, SIM_SERVICE_CTL, 0, 0x0022, request);
  g_autoptr (GBytes) bytes = ea_bytes_from_hex (response, NULL);
  EaReader reader;

  assert_true (sim_qmi_find (ea_span_from_bytes (bytes), 0x01, &reader));
  assert_int_equal (ea_reader_u8 (&reader), service);
  return ea_reader_u8 (&reader);
}

static void
on_reply (const char *text, gpointer user_data)
{
  TestHost *host = user_data;

  host->reply = g_strdup (text);
}

void
test_host_command (TestHost *host, const char *line)
{
  assert_null (host->reply);
  sim_command_run (host->modems, line, sim_reply_new (on_reply, host));
}

char *
test_host_wait_reply (TestHost *host)
{
  gboolean is_over = FALSE;
  guint deadline = g_timeout_add (DEADLINE_US / 1000, on_deadline, &is_over);

  while (host->reply == NULL && !is_over)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
  assert_non_null (host->reply);
  return g_steal_pointer (&host->reply);
}

void
test_host_control (TestHost *host, const char *line, const char *expected)
{
  g_autofree char *reply = NULL;

  test_host_command (host, line);
  reply = test_host_wait_reply (host);
  assert_string_equal (reply, expected);
}
