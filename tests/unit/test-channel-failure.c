/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the card is told of bearers, links and ports that are not to be had (agent/session/channel-failure.h). */

#include "session/channel-failure.h"

#include <gio/gio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "modem/bearer.h"
#include "net/link.h"

/* @general, @additional: the result of TS 102 223 §8.12; @cause: of the network */
typedef struct
{
  int code;
  gboolean is_server;
  guint8 general;
  guint8 additional;
} Row;

#define NETWORK_CAUSE 0x1D /* user authentication failed, TS 24.008 §10.5.6.6 */

static void
check_rows (GQuark domain, const Row *rows, gsize n_rows)
{
  for (gsize i = 0; i < n_rows; i++)
    {
      g_autoptr (GError) error = g_error_new_literal (domain, rows[i].code, "x");
      EaBipResult result
          = ea_bip_get_result (ea_channel_get_failure (error, rows[i].is_server), NETWORK_CAUSE);

      assert_int_equal (result.general, rows[i].general);
      assert_true (result.has_additional);
      assert_int_equal (result.additional, rows[i].additional);
    }
}

static void
test_every_cause_of_a_bearer_has_its_result (void **state)
{
  static const Row rows[] = {
    { EA_BEARER_ERROR_FAILED, FALSE, 0x3A, 0x00 },
    { EA_BEARER_ERROR_NO_BEARER, FALSE, 0x20, 0x04 },
    { EA_BEARER_ERROR_NO_SERVICE, FALSE, 0x20, 0x04 },
    { EA_BEARER_ERROR_BUSY_ON_CALL, FALSE, 0x20, 0x02 },
    { EA_BEARER_ERROR_NETWORK, FALSE, 0x21, NETWORK_CAUSE },
  };

  check_rows (EA_BEARER_ERROR, rows, G_N_ELEMENTS (rows));
}

static void
test_every_cause_of_a_link_has_its_result (void **state)
{
  static const Row rows[] = {
    { EA_LINK_ERROR_FAILED, FALSE, 0x3A, 0x00 },
    { EA_LINK_ERROR_REFUSED, FALSE, 0x3A, 0x07 },
    { EA_LINK_ERROR_UNREACHABLE, FALSE, 0x3A, 0x07 },
    { EA_LINK_ERROR_TIMED_OUT, FALSE, 0x3A, 0x07 },
    { EA_LINK_ERROR_RESET, FALSE, 0x3A, 0x07 },
    { EA_LINK_ERROR_CLOSED, FALSE, 0x3A, 0x07 },
    { EA_LINK_ERROR_ADDRESS_IN_USE, FALSE, 0x3A, 0x10 },
    { EA_LINK_ERROR_NO_INTERFACE, FALSE, 0x20, 0x04 },
    { EA_LINK_ERROR_NOT_ALLOWED, FALSE, 0x3A, 0x07 },
    { EA_LINK_ERROR_FULL, FALSE, 0x3A, 0x00 },
    { EA_LINK_ERROR_TOO_LARGE, FALSE, 0x3A, 0x00 },
    { EA_LINK_ERROR_ADDRESS_IN_USE, TRUE, 0x3A, 0x10 },
    { EA_LINK_ERROR_NOT_ALLOWED, TRUE, 0x3A, 0x10 },
    { EA_LINK_ERROR_NO_INTERFACE, TRUE, 0x20, 0x04 },
    { EA_LINK_ERROR_FAILED, TRUE, 0x3A, 0x00 },
  };

  check_rows (EA_LINK_ERROR, rows, G_N_ELEMENTS (rows));
}

static void
test_cause_of_something_else_has_none_of_its_own (void **state)
{
  static const Row rows[] = { { G_IO_ERROR_FAILED, FALSE, 0x3A, 0x00 } };

  check_rows (G_IO_ERROR, rows, G_N_ELEMENTS (rows));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_every_cause_of_a_bearer_has_its_result),
    cmocka_unit_test (test_every_cause_of_a_link_has_its_result),
    cmocka_unit_test (test_cause_of_something_else_has_none_of_its_own),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
