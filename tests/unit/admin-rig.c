/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "admin-rig.h"
#include "helpers.h"

static const guint8 isd_r[] = { 0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF,
                                0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, 0x01, 0x00 };

EaAdminOptions
rig_get_options (void)
{
  return (EaAdminOptions){
    .host = RIG_HOST,
    .uri = RIG_URI,
    .from = RIG_FROM,
    .protocol = "globalplatform-remote-admin/1.0",
    .framing = EA_HTTP_FRAMING_CHUNKED,
    .application = EA_SPAN_OF_ARRAY (isd_r),
  };
}

GBytes *
rig_make_message (const char *head, const char *hex)
{
  g_autoptr (GBytes) body = bytes_of (hex);
  GByteArray *message = g_byte_array_new ();

  g_byte_array_append (message, (const guint8 *) head, (guint) strlen (head));
  g_byte_array_append (message, g_bytes_get_data (body, NULL), (guint) g_bytes_get_size (body));
  return g_byte_array_free_to_bytes (message);
}

GBytes *
rig_make_chunked (const char *head, const char *hex)
{
  g_autoptr (GBytes) body = bytes_of (hex);
  g_autofree char *start = NULL;
  g_autofree char *all = NULL;

  if (g_bytes_get_size (body) == 0)
    return rig_make_message (head, "");
  start = g_strdup_printf ("%s%zx\r\n", head, g_bytes_get_size (body));
  all = g_strconcat (hex, "0D0A300D0A0D0A", NULL);
  return rig_make_message (start, all);
}

void
rig_receive (EaAdmin *admin, const char *head, const char *hex)
{
  g_autoptr (GBytes) message = rig_make_message (head, hex);

  ea_admin_receive (admin, ea_span_from_bytes (message));
}

void
rig_receive_chunked (EaAdmin *admin, const char *head, const char *hex)
{
  g_autoptr (GBytes) message = rig_make_chunked (head, hex);

  ea_admin_receive (admin, ea_span_from_bytes (message));
}

GBytes *
rig_pull_all (EaAdmin *admin)
{
  GByteArray *all = g_byte_array_new ();
  GBytes *piece;

  while ((piece = ea_admin_pull (admin)) != NULL)
    {
      g_byte_array_append (all, g_bytes_get_data (piece, NULL), (guint) g_bytes_get_size (piece));
      g_bytes_unref (piece);
    }
  return g_byte_array_free_to_bytes (all);
}

void
rig_assert_sent (EaAdmin *admin, const char *head, const char *hex)
{
  g_autoptr (GBytes) expected = rig_make_message (head, hex);
  g_autoptr (GBytes) sent = rig_pull_all (admin);
  g_autofree char *text
      = g_strndup (g_bytes_get_data (sent, NULL), MIN (g_bytes_get_size (sent), strlen (head)));
  g_autofree char *sent_hex = ea_span_to_hex (ea_span_from_bytes (sent));
  g_autofree char *expected_hex = ea_span_to_hex (ea_span_from_bytes (expected));

  assert_string_equal (text, head);
  assert_string_equal (sent_hex, expected_hex);
}

void
rig_assert_nothing_sent (EaAdmin *admin)
{
  assert_null (ea_admin_pull (admin));
}

void
rig_answer (EaAdmin *admin, const char *hex, const char *response)
{
  g_autoptr (GBytes) bytes = bytes_of (response);
  EaSpan apdu = EA_SPAN_EMPTY;

  assert_true (ea_admin_peek_command (admin, &apdu));
  assert_span_is (apdu, hex);
  ea_admin_start_command (admin);
  ea_admin_push_response (admin, ea_span_from_bytes (bytes));
}

void
rig_assert_event (EaAdmin *admin, EaAdminEventType type)
{
  g_auto (EaAdminEvent) event = { 0 };

  assert_true (ea_admin_pull_event (admin, &event));
  assert_int_equal (event.type, type);
}

void
rig_assert_no_event (EaAdmin *admin)
{
  g_auto (EaAdminEvent) event = { 0 };

  assert_false (ea_admin_pull_event (admin, &event));
}

void
rig_assert_broken (EaAdmin *admin, EaAdminError code)
{
  g_auto (EaAdminEvent) event = { 0 };

  assert_true (ea_admin_pull_event (admin, &event));
  assert_int_equal (event.type, EA_ADMIN_EVENT_BROKEN);
  assert_true (g_error_matches (event.error, EA_ADMIN_ERROR, (int) code));
  rig_assert_no_event (admin);
  assert_false (ea_admin_wants_bytes (admin));
  rig_assert_nothing_sent (admin);
}

EaAdmin *
rig_start (const EaAdminOptions *options)
{
  EaAdmin *admin = ea_admin_new (options);
  g_autoptr (GBytes) first = NULL;

  ea_admin_begin (admin);
  first = rig_pull_all (admin);
  assert_true (g_bytes_get_size (first) > 0);
  return admin;
}

EaAdmin *
rig_break_behind_two (const EaAdminOptions *options)
{
  EaAdmin *admin = rig_start (options);

  rig_receive (
      admin,
      "HTTP/1.1 200 OK\r\nX-Admin-Next-URI: /next\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n",
      "AE80"
      "2205" RIG_GET_1 "2205" RIG_GET_2);
  rig_assert_event (admin, EA_ADMIN_EVENT_SCRIPT);
  rig_answer (admin, RIG_GET_1, "AA9000");
  rig_answer (admin, RIG_GET_2, "9000");
  ea_admin_break (admin);
  rig_assert_no_event (admin);
  return admin;
}
