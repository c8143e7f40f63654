/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bip-rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"

static guint64 last_name;

void
bip_init (EaBip *bip)
{
  static const guint8 events[] = { 0x03, 0x09, 0x0A };

  ea_bip_init (bip);
  ea_bip_set_events (bip, EA_SPAN_OF_ARRAY (events));
}

void
bip_command (EaBip *bip, const char *hex)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaCatCommand command;

  assert_true (ea_cat_parse_command (&command, ea_span_from_bytes (bytes), NULL));
  ea_bip_set_command_open (bip, TRUE);
  assert_true (ea_bip_command (bip, &command, ++last_name));
}

static void
finish_command (EaBip *bip, EaBipDelivery delivery)
{
  ea_bip_set_command_open (bip, FALSE);
  ea_bip_response_done (bip, last_name, delivery);
}

void
bip_answers (EaBip *bip, const char *hex)
{
  guint64 name = 0;
  g_autoptr (GBytes) response = ea_bip_pull_response (bip, &name);

  assert_bytes_are (response, hex);
  assert_int_equal (name, last_name);
  bip_answers_not (bip);
  finish_command (bip, EA_BIP_DELIVERED);
}

void
bip_answers_in_vain (EaBip *bip, const char *hex, EaBipDelivery delivery)
{
  guint64 name = 0;
  g_autoptr (GBytes) response = ea_bip_pull_response (bip, &name);

  assert_bytes_are (response, hex);
  finish_command (bip, delivery);
}

void
bip_answers_not (EaBip *bip)
{
  guint64 name;

  assert_null (ea_bip_pull_response (bip, &name));
}

void
bip_exchange (EaBip *bip, const char *command, const char *response)
{
  bip_command (bip, command);
  bip_answers (bip, response);
}

void
bip_fetch (EaBip *bip, guint length, const char *response)
{
  g_autofree char *command = g_strdup_printf ("D00C8103014200820281213701%02X", length);

  bip_exchange (bip, command, response);
}

char *
bip_make_send (gboolean is_immediate, gsize size)
{
  GString *hex = g_string_new (NULL);
  gsize n_objects = 9 + 2 + (size > 127 ? 1 : 0) + size;

  g_string_append_printf (hex, "D0%s%02X81030143%02X820281", n_objects > 127 ? "81" : "",
                          (guint) n_objects, is_immediate);
  g_string_append_printf (hex, "2136%s%02X", size > 127 ? "81" : "", (guint) size);
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (hex, "%02X", (guint) (i & 0xFF));
  return g_string_free (hex, FALSE);
}

void
bip_wants (EaBip *bip, EaBipEventType type, guint8 channel)
{
  g_auto (EaBipEvent) event = { 0 };

  assert_true (ea_bip_pull_event (bip, &event));
  assert_int_equal (event.type, type);
  assert_int_equal (event.channel, channel);
  assert_non_null (event.request);
  assert_null (event.data);
}

void
bip_sends (EaBip *bip, guint8 channel, const char *hex)
{
  g_auto (EaBipEvent) event = { 0 };

  assert_true (ea_bip_pull_event (bip, &event));
  assert_int_equal (event.type, EA_BIP_EVENT_SEND);
  assert_int_equal (event.channel, channel);
  assert_bytes_are (event.data, hex);
}

void
bip_flushes (EaBip *bip, const char *command, const char *sent, gsize n_taken, const char *response)
{
  bip_command (bip, command);
  bip_sends (bip, 1, sent);
  ea_bip_sent (bip, 1, n_taken);
  bip_answers (bip, response);
}

void
bip_wants_nothing (EaBip *bip)
{
  g_auto (EaBipEvent) event = { 0 };

  assert_false (ea_bip_pull_event (bip, &event));
}

void
bip_tells (EaBip *bip, const char *hex)
{
  bip_tells_in_vain (bip, hex);
  ea_bip_envelope_done (bip, TRUE);
}

void
bip_tells_in_vain (EaBip *bip, const char *hex)
{
  gboolean has_envelope = ea_bip_has_envelope (bip);
  g_autoptr (GBytes) envelope = ea_bip_pull_envelope (bip);

  assert_bytes_are (envelope, hex);
  assert_true (has_envelope);
}

void
bip_tells_nothing (EaBip *bip)
{
  assert_false (ea_bip_has_envelope (bip));
  assert_null (ea_bip_pull_envelope (bip));
}

void
bip_hears (EaBip *bip, guint8 channel, const char *hex)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);

  ea_bip_receive (bip, channel, ea_span_from_bytes (bytes));
}

void
bip_open (EaBip *bip, const char *command, const char *response)
{
  bip_command (bip, command);
  bip_answers_not (bip);
  bip_wants (bip, EA_BIP_EVENT_WANT_LINK, 1);
  ea_bip_link_up (bip, 1, NULL, 0);
  bip_answers (bip, response);
  bip_wants_nothing (bip);
  bip_tells_nothing (bip);
}
