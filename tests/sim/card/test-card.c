/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim-keys.h"
#include "sim-sms.h"

int
make_card (void **state)
{
  const SimCardOptions options = { .index = 0, .is_isdr_plain = FALSE, .max_channels = 4 };

  *state = sim_card_new (&options);
  return 0;
}

int
make_plain_card (void **state)
{
  const SimCardOptions options = { .index = 0, .is_isdr_plain = TRUE, .max_channels = 2 };

  *state = sim_card_new (&options);
  return 0;
}

int
free_card (void **state)
{
  sim_card_free (*state);
  return 0;
}

GBytes *
transmit (SimCard *card, const char *command)
{
  g_autoptr (GBytes) bytes = from_hex (command);

  return sim_card_transmit (card, ea_span_from_bytes (bytes));
}

void
assert_answer (SimCard *card, const char *command, const char *expected)
{
  g_autoptr (GBytes) response = transmit (card, command);
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (response));
  g_autoptr (GBytes) wanted = from_hex (expected);
  g_autofree char *wanted_hex = ea_span_to_hex (ea_span_from_bytes (wanted));

  if (!g_str_equal (hex, wanted_hex))
    fail_msg ("%s is answered %s, not %s", command, hex, wanted_hex);
}

void
assert_status (SimCard *card, const char *command, const char *expected)
{
  g_autoptr (GBytes) response = transmit (card, command);
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (response));

  assert_true (strlen (hex) >= 4);
  if (g_ascii_strcasecmp (hex + strlen (hex) - 4, expected) != 0)
    fail_msg ("%s is answered %s, not %s", command, hex, expected);
}

gboolean
state_has (SimCard *card, const char *text)
{
  g_autofree char *json = sim_card_get_state (card);

  return strstr (json, text) != NULL;
}

GBytes *
deliver_tpdu (SimCard *card, GBytes *tpdu)
{
  static const guint8 head[]
      = { 0x82, 0x02, 0x83, 0x81, 0x86, 0x07, 0x91, 0x94, 0x71, 0x07, 0x16, 0x00, 0x00, 0x8B };
  gsize size = g_bytes_get_size (tpdu);
  gsize body_size = sizeof (head) + (size < 0x80 ? 1 : 2) + size;
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u32be (&writer, 0x80C20000);
  ea_writer_u8 (&writer, (guint8) (body_size + (body_size < 0x80 ? 2 : 3)));
  ea_writer_u8 (&writer, 0xD1);
  if (body_size >= 0x80)
    ea_writer_u8 (&writer, 0x81);
  ea_writer_u8 (&writer, (guint8) body_size);
  ea_writer_bytes (&writer, EA_SPAN_OF_ARRAY (head));
  if (size >= 0x80)
    ea_writer_u8 (&writer, 0x81);
  ea_writer_u8 (&writer, (guint8) size);
  ea_writer_bytes (&writer, ea_span_from_bytes (tpdu));
  return sim_card_transmit (card, ea_writer_span (&writer));
}

GPtrArray *
make_tpdus (const SimScp80Command *command, const char *script)
{
  static const guint8 address[] = { 0x0C, 0x91, 0x94, 0x51, 0x21, 0x43, 0x65, 0x87 };
  g_autoptr (GBytes) data = from_hex (script);
  g_autoptr (GBytes) packet = sim_scp80_seal_command (command, SIM_SCP80_FORM_SMS,
                                                      ea_span_from_bytes (data), &sim_keys, NULL);

  assert_non_null (packet);
  return sim_sms_build_deliver (EA_SPAN_OF_ARRAY (address), ea_span_from_bytes (packet), 7);
}

void
assert_delivery (SimCard *card, const SimScp80Command *command, const char *script,
                 const char *expected)
{
  g_autoptr (GPtrArray) tpdus = make_tpdus (command, script);
  g_autoptr (GBytes) response = NULL;

  assert_int_equal (tpdus->len, 1);
  response = deliver_tpdu (card, g_ptr_array_index (tpdus, 0));
  assert_bytes (response, expected);
}

SimScp80Command
make_command (guint64 counter)
{
  return (SimScp80Command){
    .spi1 = 0x16, .spi2 = 0x39, .kic = 0x12, .kid = 0x12, .tar = 0x000001, .counter = counter
  };
}

GBytes *
fetch (SimCard *card)
{
  g_autoptr (GBytes) response = transmit (card, "8012000000");
  gsize size = g_bytes_get_size (response);
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (response));

  assert_string_equal (hex + 2 * (size - 2), "9000");
  return cut (response, size - 2);
}

SimScp80Response
open_submit (GBytes *proactive, const SimScp80Command *command, GBytes **script)
{
  SimScp80Response response = { 0 };
  g_autoptr (GBytes) tpdu = NULL;
  gsize offset = 2 + 5 + 4 + 9 + 2;
  SimSms sms = { 0 };

  tpdu = g_bytes_new_from_bytes (proactive, offset, g_bytes_get_size (proactive) - offset);
  assert_true (sim_sms_parse_submit (&sms, ea_span_from_bytes (tpdu), NULL));
  *script
      = sim_scp80_open_response (&response, command, SIM_SCP80_FORM_SMS, sms.body, &sim_keys, NULL);
  assert_non_null (*script);
  return response;
}
