/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * All published proactive commands through the toolkit (tests/vectors): each gets exactly one TERMINAL RESPONSE
 * with its own command details and the result that its type has; so does every beginning of it.
 */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "toolkit-rig.h"
#include "vectors.h"
#include "wait.h"

#define DETAILS_SIZE 5

/* What a headless terminal without a bearer answers; 30 to all others. */
static const struct
{
  guint8 type;
  const char *results[3];
} types[] = {
  { 0x01, { "0100" } },
  { 0x02, { "0100" } },
  { 0x03, { "0100" } },
  { 0x04, { "0100" } },
  { 0x05, { "0100" } },
  { 0x13, { "0100" } },
  { 0x25, { "0100" } },
  /* done, or the modem does not tell */
  { 0x26, { "0100", "0130" } },
  /* started; or what does not run can't be stopped */
  { 0x27, { "0100", "0124" } },
  { 0x28, { "0100" } },
  { 0x40, { "022004" } },
  { 0x41, { "023A03" } },
  { 0x42, { "023A03" } },
  { 0x43, { "023A03" } },
  { 0x44, { "0100" } },
};

/* Rows that have something of their own. */
static const struct
{
  const char *id;
  const char *result;
} exceptions[] = {
  /* an item of no bytes beside others, §6.6.7 */
  { "ofono-stk-setup_menu_data_neg_2", "0132" },
  { "ofono-stk-setup_menu_data_neg_3", "0132" },
  /* no transport level: the card would do TCP and IP itself */
  { "gecko-bip-open2", "023A06" },
  /* no bearer and no server either */
  { "anttro-open-bearer", "0136" },
  /* icons without a text that they go with, §6.5.4 */
  { "gecko-bip-close1", "0132" },
  { "gecko-sms-10", "0132" },
  /* a list of files without their number */
  { "pysniff-refresh-fcn", "0132" },
  /* a text under the tag of something else */
  { "pysniff-idle-quirk", "0136" },
};

static const char *const *
get_results (guint8 type)
{
  static const char *const beyond[] = { "0130", NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].type == type)
      return types[i].results;
  return beyond;
}

static gboolean
is_expected (const char *id, guint8 type, const char *result)
{
  const char *const *results = get_results (type);

  for (gsize i = 0; i < G_N_ELEMENTS (exceptions); i++)
    if (g_str_equal (exceptions[i].id, id))
      return g_str_has_prefix (result, exceptions[i].result);
  for (gsize i = 0; i < G_N_ELEMENTS (types[0].results) && results[i] != NULL; i++)
    if (g_str_has_prefix (result, results[i]))
      return TRUE;
  return FALSE;
}

/* (transfer full): the one response, when all has happened that follows from @command */
static char *
get_response (ToolkitRig *rig, const char *id, const char *command)
{
  g_autofree char *response = NULL;
  const char *line;

  toolkit_rig_want (rig, command);
  do
    line = fake_modem_await_line (rig->modem);
  while (!g_str_has_prefix (line, "response 1 "));
  response = g_strdup (line + strlen ("response 1 "));
  run_ready ();
  if (strstr (fake_modem_read_diary (rig->modem), "response") != NULL)
    fail_msg ("%s: more than one response", id);
  return g_steal_pointer (&response);
}

static void
check_vector (const Vector *vector)
{
  ToolkitRig *rig = toolkit_rig_new ("no-such0", NULL);
  g_autofree char *command = ea_span_to_hex (ea_span_from_bytes (vector->bytes));
  gsize head = g_str_has_prefix (command, "D081") ? 6 : 4;
  gboolean has_bits = command[head] == '8';
  g_autofree char *expected = g_strdup_printf ("%.*s%s028281%s", 2 * DETAILS_SIZE, command + head,
                                               has_bits ? "82" : "02", has_bits ? "83" : "03");
  g_autofree char *response = get_response (rig, vector->id, command);
  guint8 type
      = (guint8) g_ascii_strtoull ((char[]){ command[head + 6], command[head + 7], 0 }, NULL, 16);

  if (!g_str_has_prefix (response, expected)
      || !is_expected (vector->id, type, response + strlen (expected)))
    fail_msg ("%s: %s is answered by %s", vector->id, command, response);
  toolkit_rig_free (rig);
}

static void
check_file (const char *file, guint n_rows)
{
  g_autoptr (GPtrArray) vectors = vectors_load (file);

  assert_int_equal (vectors->len, n_rows);
  for (guint i = 0; i < vectors->len; i++)
    check_vector (g_ptr_array_index (vectors, i));
}

static void
test_every_command_of_the_conformance_tests_has_one_response (void **state)
{
  check_file ("proactive.tsv", 232);
}

static void
test_every_command_of_real_cards_has_one_response (void **state)
{
  check_file ("more-proactive.tsv", 85);
}

static void
check_beginnings (ToolkitRig *rig, const Vector *vector)
{
  g_autofree char *command = ea_span_to_hex (ea_span_from_bytes (vector->bytes));
  gsize head = g_str_has_prefix (command, "D081") ? 6 : 4;

  for (gsize size = 0; size < (strlen (command) - head) / 2; size++)
    {
      g_autofree char *beginning = g_strdup_printf ("D0%s%02X%.*s", size > 0x7F ? "81" : "",
                                                    (guint) size, (int) (2 * size), command + head);

      g_free (get_response (rig, vector->id, beginning));
    }
}

static void
test_every_beginning_of_a_command_has_one_response (void **state)
{
  static const char *const files[] = { "proactive.tsv", "more-proactive.tsv" };
  ToolkitRig *rig = toolkit_rig_new ("no-such0", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GPtrArray) vectors = vectors_load (files[i]);

      for (guint row = 0; row < vectors->len; row++)
        check_beginnings (rig, g_ptr_array_index (vectors, row));
    }
  toolkit_rig_free (rig);
}

static GLogWriterOutput
drop_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  return G_LOG_WRITER_HANDLED;
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_every_command_of_the_conformance_tests_has_one_response),
    cmocka_unit_test (test_every_command_of_real_cards_has_one_response),
    cmocka_unit_test (test_every_beginning_of_a_command_has_one_response),
  };

  g_log_set_writer_func (drop_log, NULL, NULL); /* thousands of commands that were refused */
  return cmocka_run_group_tests (tests, NULL, NULL);
}
