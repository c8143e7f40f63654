/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Names of causes. The rows are from the tables of TS 24.008 annex G, TS 24.301 annex A and TS 24.501 annex A;
 * which values there are is checked against libqmi's list.
 */

#include "core/cause.h"

#include <libqmi-glib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define GSM 0x00
#define UTRAN 0x03
#define E_UTRAN 0x08
#define NG_RAN 0x0A

static void
test_a_cause_has_the_words_of_its_standard (void **state)
{
  static const struct
  {
    guint8 technology;
    guint8 cause;
    const char *words;
  } rows[] = {
    { GSM, 2, "IMSI unknown in HLR (TS 24.008 cause 2)" },
    { E_UTRAN, 2, "IMSI unknown in HSS (TS 24.301 cause 2)" },
    { GSM, 3, "Illegal MS (TS 24.008 cause 3)" },
    { NG_RAN, 3, "Illegal UE (TS 24.501 cause 3)" },
    { NG_RAN, 5, "PEI not accepted (TS 24.501 cause 5)" },
    { UTRAN, 7, "GPRS services not allowed (TS 24.008 cause 7)" },
    { E_UTRAN, 8, "EPS services and non-EPS services not allowed (TS 24.301 cause 8)" },
    { UTRAN, 11, "PLMN not allowed (TS 24.008 cause 11)" },
    { E_UTRAN, 11, "PLMN not allowed (TS 24.301 cause 11)" },
    { GSM, 12, "Location Area not allowed (TS 24.008 cause 12)" },
    { E_UTRAN, 13, "Roaming not allowed in this tracking area (TS 24.301 cause 13)" },
    { UTRAN, 15, "No Suitable Cells In Location Area (TS 24.008 cause 15)" },
    { E_UTRAN, 17, "Network failure (TS 24.301 cause 17)" },
    { NG_RAN, 22, "Congestion (TS 24.501 cause 22)" },
    { GSM, 23, "GSM authentication unacceptable (TS 24.008 cause 23)" },
    { GSM, 48, "Retry upon entry into a new cell (TS 24.008 cause 48)" },
    { GSM, 63, "Retry upon entry into a new cell (TS 24.008 cause 63)" },
    { NG_RAN, 27, "N1 mode not allowed (TS 24.501 cause 27)" },
    { E_UTRAN, 111, "Protocol error, unspecified (TS 24.301 cause 111)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *words = ea_cause_describe (rows[i].technology, rows[i].cause);

      assert_string_equal (words, rows[i].words);
    }
}

static void
test_a_cause_without_a_name_keeps_its_number (void **state)
{
  g_autofree char *unnamed = ea_cause_describe (E_UTRAN, 1);
  g_autofree char *foreign = ea_cause_describe (NG_RAN, 8);
  g_autofree char *elsewhere = ea_cause_describe (0x05, 11);

  assert_string_equal (unnamed, "TS 24.301 cause 1");
  assert_string_equal (foreign, "TS 24.501 cause 8");
  assert_string_equal (elsewhere, "cause 11");
}

/* libqmi numbers the causes of TS 24.008 and TS 24.301 as one list. */
static void
test_every_cause_that_libqmi_knows_has_a_name (void **state)
{
  GEnumClass *causes = g_type_class_ref (QMI_TYPE_NAS_REJECT_CAUSE);

  assert_true (causes->n_values > 40);
  for (guint i = 0; i < causes->n_values; i++)
    {
      int cause = causes->values[i].value;

      if (cause != QMI_NAS_REJECT_CAUSE_NONE)
        assert_true (ea_cause_get_name (UTRAN, (guint8) cause) != NULL
                     || ea_cause_get_name (E_UTRAN, (guint8) cause) != NULL);
    }
  g_type_class_unref (causes);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_a_cause_has_the_words_of_its_standard),
    cmocka_unit_test (test_a_cause_without_a_name_keeps_its_number),
    cmocka_unit_test (test_every_cause_that_libqmi_knows_has_a_name),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
