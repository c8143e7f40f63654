/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session/transport-choice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct
{
  EaTransportFacts facts;
  EaSessionTransport transport;
  const char *reason;
} rows[] = {
  { { .has_key = TRUE }, EA_SESSION_HTTPS, "a pre-shared key for it is held" },
  { { .has_key = TRUE, .has_port = TRUE }, EA_SESSION_HTTPS, "a pre-shared key for it is held" },
  { { 0 }, EA_SESSION_HTTPS, "no port of CAT_TP is known" },
  { { .has_port = TRUE }, EA_SESSION_CAT_TP, "no pre-shared key for HTTPS is held" },
  { { .has_key = TRUE, .has_port = TRUE, .is_gsm = TRUE },
    EA_SESSION_CAT_TP,
    "the network is GSM" },
  { { .has_key = TRUE, .is_gsm = TRUE }, EA_SESSION_HTTPS, "a pre-shared key for it is held" },
  { { .has_key = TRUE, .has_port = TRUE, .has_timed_out = TRUE },
    EA_SESSION_CAT_TP,
    "the HTTPS session before got no answer in time" },
  { { .has_key = TRUE, .has_timed_out = TRUE },
    EA_SESSION_HTTPS,
    "a pre-shared key for it is held" },
};

static void
test_each_choice_has_its_reason (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *reason;

      assert_int_equal (ea_transport_choose (&rows[i].facts, &reason), rows[i].transport);
      assert_string_equal (reason, rows[i].reason);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test (test_each_choice_has_its_reason) };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
