/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Default notifications on their way (agent/core/sgp02-notification.h). The packets are the sample receiveSms of whty's
 * SM-SR (tests/vectors/more-scp80-command.tsv) and one that was sealed by an independent encoder; the SMS-SUBMIT around
 * them reads as one in tshark.
 */

#include "core/sgp02-notification.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/apdu.h"
#include "core/sgp02.h"
#include "helpers.h"

#define SUBMIT "41000C919451214365877FF6"
#define EID "89001012012341234012345678901224"
#define WHTY                                                                                       \
  "52027000004D150200101200000100000000000045AAB54EB13D7749E1354C10" EID                           \
  "4D01024E0200004F10A0000005591010FFFFFFFF890000130014083A45990057918503"
#define OWN                                                                                        \
  "52027000004D150200121200000100000000000036858A7DDA359067E1354C10" EID                           \
  "4D01024E0200012F10A0000005591010FFFFFFFF890000110014081A32547698103254"

static void
assert_found (const char *hex, guint type, guint sequence, const char *aid)
{
  g_autoptr (GBytes) tpdu = bytes_of (hex);
  EaSgp02Notification notification;

  assert_true (ea_sgp02_find_notification (&notification, ea_span_from_bytes (tpdu), NULL));
  assert_int_equal (notification.type, type);
  assert_int_equal (notification.sequence, sequence);
  assert_span_is (notification.eid, EID);
  assert_span_is (notification.aid, aid);
}

static void
assert_none (const char *hex, EaCoreError code)
{
  g_autoptr (GBytes) tpdu = bytes_of (hex);
  EaSgp02Notification notification;
  GError *error = NULL;

  poison (&notification, sizeof notification);
  assert_false (ea_sgp02_find_notification (&notification, ea_span_from_bytes (tpdu), &error));
  assert_core_error (&error, code);
  assert_true (is_poisoned (&notification, sizeof notification));
}

static void
test_a_notification_in_clear_is_read_on_its_way (void **state)
{
  assert_found (SUBMIT WHTY, EA_SGP02_NOTIFICATION_CHANGE_SUCCEEDED, 0,
                "A0000005591010FFFFFFFF8900001300");
  assert_found (SUBMIT OWN, EA_SGP02_NOTIFICATION_CHANGE_SUCCEEDED, 1,
                "A0000005591010FFFFFFFF8900001100");
}

/* SPI1 06 and 0200 differ in the bit for ciphering only. */
static void
test_what_can_t_be_read_is_none (void **state)
{
  assert_none (SUBMIT "52027000004D150600121200000100000000000036858A7DDA359067E1354C10" EID
                      "4D01024E0200012F10A0000005591010FFFFFFFF890000110014081A32547698103254",
               EA_CORE_ERROR_UNSUPPORTED);
  /* A response packet, the first of two messages, a text, and a packet with something else in it */
  assert_none (SUBMIT "10027100000D0A000001000000000000009000", EA_CORE_ERROR_UNSUPPORTED);
  assert_none (SUBMIT "180700030102017000"
                      "00120D00000000000001000000000000",
               EA_CORE_ERROR_UNSUPPORTED);
  assert_none ("01000C919451214365870000"
               "0141",
               EA_CORE_ERROR_UNSUPPORTED);
  assert_none (SUBMIT "180270000013"
                      "0D00000000000001000000000000"
                      "220380F240",
               EA_CORE_ERROR_UNSUPPORTED);
}

static void
parse (EaSpan span, gpointer user_data)
{
  EaSgp02Notification notification;
  g_autoptr (GError) error = NULL;

  poison (&notification, sizeof notification);
  assert_false (ea_sgp02_find_notification (&notification, span, &error));
  assert_true (error != NULL && is_poisoned (&notification, sizeof notification));
}

static void
test_truncations_are_refused (void **state)
{
  g_autoptr (GBytes) tpdu = bytes_of (SUBMIT OWN);

  parse_truncations (ea_span_from_bytes (tpdu), parse, NULL);
}

static gboolean
is_switch (const char *hex)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaApduCommand command;

  assert_true (ea_apdu_parse_command (&command, ea_span_from_bytes (bytes), NULL));
  return ea_sgp02_is_switch (&command);
}

/* The worked example of EnableProfile, and its neighbours */
static void
test_enabling_and_disabling_switch_and_nothing_else_does (void **state)
{
  assert_true (is_switch ("80E28800153A03124F10A0000005591010FFFFFFFF8900001100"));
  assert_true (is_switch ("80E28800153A04124F10A0000005591010FFFFFFFF8900001100"));
  assert_true (is_switch ("81E28800153A03124F10A0000005591010FFFFFFFF8900001100"));
  assert_false (is_switch ("80E28800153A05124F10A0000005591010FFFFFFFF8900001100"));
  assert_false (is_switch ("80E40040124F10A0000005591010FFFFFFFF890000110000"));
  assert_false (is_switch ("80E28900073A08044E02000100"));
  assert_false (is_switch ("00E28800153A03124F10A0000005591010FFFFFFFF8900001100"));
  assert_false (is_switch ("80CA005A00"));
  assert_false (is_switch ("80E28800013A"));
  /* Sealed data of a profile that happen to begin like EnableProfile: a block in between, the last block */
  assert_false (is_switch ("80E21101153A03124F10A0000005591010FFFFFFFF8900001100"));
  assert_false (is_switch ("80E29103153A03124F10A0000005591010FFFFFFFF8900001100"));
  assert_false (is_switch ("80E28801153A03124F10A0000005591010FFFFFFFF8900001100"));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_a_notification_in_clear_is_read_on_its_way),
    cmocka_unit_test (test_what_can_t_be_read_is_none),
    cmocka_unit_test (test_truncations_are_refused),
    cmocka_unit_test (test_enabling_and_disabling_switch_and_nothing_else_does),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
