/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* QMI's errors: what they are called, and which of them pass (agent/modem/qmi-raw.h). */

#include "modem/qmi-raw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A code that nobody has given a name */
#define NAMELESS 0xFFFE

static void
assert_refusal_of_error (GQuark domain, int code, EaModemRefusal expected)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, "as the test says");

  assert_int_equal (ea_qmi_judge_refusal (error), expected);
}

static void
assert_refusals (const QmiProtocolError *codes, gsize n_codes, EaModemRefusal expected)
{
  for (gsize i = 0; i < n_codes; i++)
    {
      assert_int_equal (ea_qmi_judge_code (codes[i]), expected);
      assert_refusal_of_error (QMI_PROTOCOL_ERROR, (int) codes[i], expected);
    }
}

static void
test_a_lack_and_a_modem_that_is_not_ready_pass (void **state)
{
  static const QmiProtocolError codes[] = {
    QMI_PROTOCOL_ERROR_NO_MEMORY,         QMI_PROTOCOL_ERROR_CLIENT_IDS_EXHAUSTED,
    QMI_PROTOCOL_ERROR_DEVICE_IN_USE,     QMI_PROTOCOL_ERROR_DEVICE_NOT_READY,
    QMI_PROTOCOL_ERROR_UIM_UNINITIALIZED,
  };

  assert_refusals (codes, G_N_ELEMENTS (codes), EA_MODEM_REFUSAL_PASSING);
  assert_refusal_of_error (QMI_CORE_ERROR, QMI_CORE_ERROR_TIMEOUT, EA_MODEM_REFUSAL_PASSING);
}

static void
test_errors_that_tell_no_cause_are_in_doubt (void **state)
{
  static const QmiProtocolError codes[]
      = { QMI_PROTOCOL_ERROR_INTERNAL, QMI_PROTOCOL_ERROR_ABORTED };

  assert_refusals (codes, G_N_ELEMENTS (codes), EA_MODEM_REFUSAL_DOUBTFUL);
}

static void
test_what_is_not_allowed_or_not_known_lasts (void **state)
{
  static const QmiProtocolError codes[] = {
    QMI_PROTOCOL_ERROR_ACCESS_DENIED,
    QMI_PROTOCOL_ERROR_NOT_SUPPORTED,
    QMI_PROTOCOL_ERROR_INVALID_QMI_COMMAND,
    QMI_PROTOCOL_ERROR_INVALID_SERVICE_TYPE,
    QMI_PROTOCOL_ERROR_INVALID_OPERATION,
    QMI_PROTOCOL_ERROR_NO_EFFECT,
    (QmiProtocolError) NAMELESS,
  };

  assert_refusals (codes, G_N_ELEMENTS (codes), EA_MODEM_REFUSAL_LASTING);
}

static void
test_answers_that_cannot_be_read_last (void **state)
{
  static const QmiCoreError codes[]
      = { QMI_CORE_ERROR_UNSUPPORTED, QMI_CORE_ERROR_TLV_NOT_FOUND, QMI_CORE_ERROR_INVALID_DATA,
          QMI_CORE_ERROR_INVALID_MESSAGE };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    assert_refusal_of_error (QMI_CORE_ERROR, (int) codes[i], EA_MODEM_REFUSAL_LASTING);
  assert_refusal_of_error (EA_MODEM_ERROR, EA_MODEM_ERROR_PROTOCOL, EA_MODEM_REFUSAL_LASTING);
}

static void
test_an_error_has_its_name (void **state)
{
  g_autoptr (GError) error = ea_qmi_new_error (QMI_PROTOCOL_ERROR_CLIENT_IDS_EXHAUSTED);

  assert_string_equal (ea_qmi_get_error_name (QMI_PROTOCOL_ERROR_INTERNAL), "Internal");
  assert_true (g_error_matches (error, QMI_PROTOCOL_ERROR, 5));
  assert_string_equal (error->message, "ClientIdsExhausted");
}

/* It is all that an operator can report. */
static void
test_an_error_without_a_name_has_its_number (void **state)
{
  g_autoptr (GError) error = ea_qmi_new_error ((QmiProtocolError) NAMELESS);

  assert_string_equal (ea_qmi_get_error_name ((QmiProtocolError) NAMELESS), "QMI error 65534");
  assert_string_equal (error->message, "QMI error 65534");
  assert_true (g_error_matches (error, QMI_PROTOCOL_ERROR, NAMELESS));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_a_lack_and_a_modem_that_is_not_ready_pass),
    cmocka_unit_test (test_errors_that_tell_no_cause_are_in_doubt),
    cmocka_unit_test (test_what_is_not_allowed_or_not_known_lasts),
    cmocka_unit_test (test_answers_that_cannot_be_read_last),
    cmocka_unit_test (test_an_error_has_its_name),
    cmocka_unit_test (test_an_error_without_a_name_has_its_number),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
