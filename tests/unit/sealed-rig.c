/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sealed-rig.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wait.h"

#define TIMESTAMP_SIZE 7
#define CLOCK_TOLERANCE_S 60

static gboolean
take_message (EaSpan tpdu, gpointer user_data)
{
  return ea_sealed_take_message (user_data, tpdu);
}

int
sealed_rig_setup (void **state)
{
  SealedRig *rig = g_new0 (SealedRig, 1);

  rig->toolkit = toolkit_rig_new ("lo", "127.0.0.0/8");
  ea_modem_set_role (EA_MODEM (rig->toolkit->modem), EA_MODEM_ROLE_HOST, "as the test says");
  ea_modem_set_card (EA_MODEM (rig->toolkit->modem), EA_MODEM_CARD_READY);
  rig->sealed
      = ea_sealed_new (EA_MODEM (rig->toolkit->modem), rig->toolkit->card, &rig->toolkit->log);
  ea_toolkit_set_message_taker (rig->toolkit->toolkit, take_message, rig->sealed);
  *state = rig;
  return 0;
}

int
sealed_rig_teardown (void **state)
{
  SealedRig *rig = *state;
  EaSealed *sealed = rig->sealed;

  toolkit_rig_expect_nothing (rig->toolkit);
  g_object_add_weak_pointer (G_OBJECT (sealed), (gpointer *) &rig->sealed);
  ea_sealed_end (sealed);
  g_object_unref (sealed);
  WAIT_FOR (rig->sealed == NULL);
  for (guint i = 0; i < rig->n_carriages; i++)
    {
      assert_int_equal (rig->carriages[i].n_ends, 1);
      g_clear_pointer (&rig->carriages[i].answer, g_bytes_unref);
      g_clear_error (&rig->carriages[i].error);
    }
  ea_toolkit_set_message_taker (rig->toolkit->toolkit, NULL, NULL);
  toolkit_rig_free (rig->toolkit);
  g_free (rig);
  return 0;
}

static void
on_carried (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Carriage *carriage = user_data;

  carriage->n_ends++;
  if (!ea_sealed_carry_finish (EA_SEALED (source), result, &carriage->answer, &carriage->error))
    assert_non_null (carriage->error);
}

static Carriage *
carry (SealedRig *rig, GBytes *sdu, GCancellable *cancellable)
{
  Carriage *carriage = &rig->carriages[rig->n_carriages];

  assert_true (rig->n_carriages < G_N_ELEMENTS (rig->carriages));
  rig->n_carriages++;
  ea_sealed_carry_async (rig->sealed, sdu, RIG_ORIGINATOR, cancellable, on_carried, carriage);
  return carriage;
}

Carriage *
sealed_rig_carry (SealedRig *rig, const char *sdu, GCancellable *cancellable)
{
  g_autoptr (GBytes) bytes = bytes_of (sdu);

  return carry (rig, bytes, cancellable);
}

Carriage *
sealed_rig_carry_bytes (SealedRig *rig, GBytes *sdu)
{
  return carry (rig, sdu, NULL);
}

void
sealed_rig_expect_answer (Carriage *carriage, const char *answer)
{
  WAIT_FOR (carriage->n_ends > 0);
  assert_null (carriage->error);
  if (answer == NULL)
    assert_null (carriage->answer);
  else
    assert_bytes_are (carriage->answer, answer);
}

void
sealed_rig_expect_failure (Carriage *carriage, EaModemError code)
{
  WAIT_FOR (carriage->n_ends > 0);
  assert_null (carriage->answer);
  assert_true (g_error_matches (carriage->error, EA_MODEM_ERROR, (int) code));
}

gboolean
sealed_rig_has_ended (const Carriage *carriage)
{
  run_ready ();
  return carriage->n_ends > 0;
}

/* Swapped BCD, TS 23.040 §9.2.3.11 */
static guint
read_swapped (EaSpan octets, gsize index)
{
  return (octets.data[index] & 0x0Fu) * 10 + (octets.data[index] >> 4);
}

static void
assert_is_now (EaSpan timestamp)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) time = g_date_time_new_utc (
      2000 + (int) read_swapped (timestamp, 0), (int) read_swapped (timestamp, 1),
      (int) read_swapped (timestamp, 2), (int) read_swapped (timestamp, 3),
      (int) read_swapped (timestamp, 4), read_swapped (timestamp, 5));

  assert_non_null (time);
  assert_in_range (g_date_time_difference (now, time), 0, CLOCK_TOLERANCE_S * G_TIME_SPAN_SECOND);
  assert_int_equal (timestamp.data[6], 0);
}

/* @bytes: (inout): without what they begin with, which must be @hex */
static void
pass_over (EaSpan *bytes, const char *hex)
{
  gsize size = strlen (hex) / 2;

  assert_span_is (ea_span_head (*bytes, size), hex);
  *bytes = ea_span_tail (*bytes, size);
}

static void
pass_over_octet (EaSpan *bytes, gsize expected)
{
  assert_true (bytes->size > 0);
  assert_int_equal (bytes->data[0], expected);
  *bytes = ea_span_tail (*bytes, 1);
}

/* A length of BER up to 255 */
static void
pass_over_length (EaSpan *bytes, gsize n_following)
{
  if (n_following > 127)
    pass_over_octet (bytes, 0x81);
  pass_over_octet (bytes, n_following);
}

/* TS 31.111 §7.1.1.2 and TS 23.040 §9.2.2.1, read by hand */
GBytes *
sealed_rig_expect_download (SealedRig *rig)
{
  const char *line = fake_modem_await_line (rig->toolkit->modem);
  g_autoptr (GBytes) envelope = NULL;
  EaSpan rest;

  assert_true (g_str_has_prefix (line, "envelope "));
  envelope = bytes_of (line + strlen ("envelope "));
  rest = ea_span_from_bytes (envelope);
  pass_over (&rest, "D1");
  pass_over_length (&rest, rest.size > 129 ? rest.size - 2 : rest.size - 1);
  pass_over (&rest, "82028381"
                    "8B");
  pass_over_length (&rest, rest.size > 129 ? rest.size - 2 : rest.size - 1);
  pass_over (&rest, "44" RIG_ADDRESS "7FF6");
  assert_is_now (ea_span_head (rest, TIMESTAMP_SIZE));
  rest = ea_span_tail (rest, TIMESTAMP_SIZE);
  pass_over_octet (&rest, rest.size - 1);
  assert_true (rest.size <= 140);
  return ea_span_to_bytes (rest);
}

void
sealed_rig_expect_segment (SealedRig *rig, const char *user_data)
{
  g_autoptr (GBytes) segment = sealed_rig_expect_download (rig);

  assert_bytes_are (segment, user_data);
}

static char *
format_length (gsize size)
{
  return g_strdup_printf (size > 127 ? "81%02X" : "%02X", (guint) size);
}

/* SEND SHORT MESSAGE (TS 102 223 §6.6.9) with an SMS-SUBMIT (TS 23.040 §9.2.2.2), by hand */
void
sealed_rig_send (SealedRig *rig, const char *address, const char *user_data)
{
  g_autofree char *tpdu
      = g_strdup_printf ("4100%s7FF6%02X%s", address, (guint) strlen (user_data) / 2, user_data);
  g_autofree char *tpdu_length = format_length (strlen (tpdu) / 2);
  g_autofree char *objects = g_strdup_printf ("8103011300820281838B%s%s", tpdu_length, tpdu);
  g_autofree char *length = format_length (strlen (objects) / 2);
  g_autofree char *command = g_strdup_printf ("D0%s%s", length, objects);

  toolkit_rig_want (rig->toolkit, command);
}
