/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/sgp02-carriage.h"
#include "helpers.h"

#define OBJECT_SIZE_MAX 0x10003 /* 86 82 FFFF, but for its head */

/* What the answer @hex to the block that waits means. */
static EaSgp02CarriageAnswer
push (EaSgp02Carriage *carriage, const char *hex)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaApduResponse response;

  assert_true (ea_apdu_parse_response (&response, ea_span_from_bytes (bytes), NULL));
  return ea_sgp02_carriage_push (carriage, &response);
}

static void
test_short_object_is_one_block (void **state)
{
  g_autoptr (GBytes) object = bytes_of ("840A30000102030405060708");
  g_auto (EaSgp02Carriage) carriage = { 0 };

  ea_sgp02_carriage_init (&carriage, ea_span_from_bytes (object));

  assert_span_is (ea_sgp02_carriage_get_block (&carriage), "80E291000C840A3000010203040506070800");
  assert_int_equal (push (&carriage, "8402AABB9000"), EA_SGP02_CARRIAGE_SEALED);
  assert_int_equal (ea_sgp02_carriage_get_block (&carriage).size, 0);
}

/* Sizes of objects and how they are cut: blocks of 255 bytes, and what is left. */
static void
test_object_is_cut_into_blocks_of_255_bytes (void **state)
{
  static const struct
  {
    gsize size;
    guint n_blocks;
    gsize last;
  } objects[] = { { 1, 1, 1 },   { 254, 1, 254 }, { 255, 1, 255 },
                  { 256, 2, 1 }, { 510, 2, 255 }, { 511, 3, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    {
      g_autofree guint8 *bytes = g_malloc0 (objects[i].size);
      g_auto (EaSgp02Carriage) carriage = { 0 };
      EaApduCommand command;

      ea_sgp02_carriage_init (&carriage, ea_span_init (bytes, objects[i].size));
      for (guint n = 0; n + 1 < objects[i].n_blocks; n++)
        {
          assert_true (
              ea_apdu_parse_command (&command, ea_sgp02_carriage_get_block (&carriage), NULL));
          assert_int_equal (command.p1, 0x11);
          assert_int_equal (command.p2, n);
          assert_int_equal (command.data.size, 255);
          assert_int_equal (push (&carriage, "9000"), EA_SGP02_CARRIAGE_GOES_ON);
        }

      assert_true (ea_apdu_parse_command (&command, ea_sgp02_carriage_get_block (&carriage), NULL));
      assert_int_equal (command.p1, 0x91);
      assert_int_equal (command.p2, objects[i].n_blocks - 1);
      assert_int_equal (command.data.size, objects[i].last);
    }
}

static void
test_block_number_wraps (void **state)
{
  g_autofree guint8 *bytes = g_malloc0 (OBJECT_SIZE_MAX);
  g_auto (EaSgp02Carriage) carriage = { 0 };
  EaApduCommand command;
  gsize total = 0;

  ea_sgp02_carriage_init (&carriage, ea_span_init (bytes, OBJECT_SIZE_MAX));
  for (guint n = 0; n < 257; n++)
    {
      assert_true (ea_apdu_parse_command (&command, ea_sgp02_carriage_get_block (&carriage), NULL));
      assert_int_equal (command.p1, 0x11);
      assert_int_equal (command.p2, n & 0xFF);
      total += command.data.size;
      assert_int_equal (push (&carriage, "9000"), EA_SGP02_CARRIAGE_GOES_ON);
    }

  assert_true (ea_apdu_parse_command (&command, ea_sgp02_carriage_get_block (&carriage), NULL));
  assert_int_equal (command.p1, 0x91);
  assert_int_equal (command.p2, 1);
  assert_int_equal (total + command.data.size, OBJECT_SIZE_MAX);
}

static void
test_status_word_of_a_block_ends_the_chain (void **state)
{
  static const char *const answers[] = { "6985", "6A80", "6FF1", "6310", "AA6A80", "6200" };
  guint8 bytes[300] = { 0x86 };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_auto (EaSgp02Carriage) carriage = { 0 };

      ea_sgp02_carriage_init (&carriage, EA_SPAN_OF_ARRAY (bytes));

      assert_int_equal (push (&carriage, answers[i]), EA_SGP02_CARRIAGE_STATUS);
      assert_int_equal (ea_sgp02_carriage_get_block (&carriage).size, 0);
    }
}

static void
test_proactive_command_that_waits_does_not_end_the_chain (void **state)
{
  guint8 bytes[300] = { 0x86 };
  g_auto (EaSgp02Carriage) carriage = { 0 };

  ea_sgp02_carriage_init (&carriage, EA_SPAN_OF_ARRAY (bytes));

  assert_int_equal (push (&carriage, "9110"), EA_SGP02_CARRIAGE_GOES_ON);
  assert_int_equal (push (&carriage, "86009110"), EA_SGP02_CARRIAGE_SEALED);
}

static void
test_answer_to_the_last_block_is_one_sealed_object_or_a_status (void **state)
{
  static const struct
  {
    const char *response;
    EaSgp02CarriageAnswer answer;
  } answers[] = {
    { "86009000", EA_SGP02_CARRIAGE_SEALED },       { "88019F9000", EA_SGP02_CARRIAGE_SEALED },
    { "9F840269859000", EA_SGP02_CARRIAGE_SEALED }, { "9F88009000", EA_SGP02_CARRIAGE_SEALED },
    { "9000", EA_SGP02_CARRIAGE_STATUS },           { "86006985", EA_SGP02_CARRIAGE_STATUS },
    { "6985", EA_SGP02_CARRIAGE_STATUS },           { "8602AA9000", EA_SGP02_CARRIAGE_STATUS },
    { "860086009000", EA_SGP02_CARRIAGE_STATUS },   { "89009000", EA_SGP02_CARRIAGE_STATUS },
    { "9F89009000", EA_SGP02_CARRIAGE_STATUS },     { "230290009000", EA_SGP02_CARRIAGE_STATUS },
  };
  guint8 bytes[3] = { 0x86, 0x01 };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_auto (EaSgp02Carriage) carriage = { 0 };

      ea_sgp02_carriage_init (&carriage, EA_SPAN_OF_ARRAY (bytes));

      assert_int_equal (push (&carriage, answers[i].response), answers[i].answer);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_short_object_is_one_block),
    cmocka_unit_test (test_object_is_cut_into_blocks_of_255_bytes),
    cmocka_unit_test (test_block_number_wraps),
    cmocka_unit_test (test_status_word_of_a_block_ends_the_chain),
    cmocka_unit_test (test_proactive_command_that_waits_does_not_end_the_chain),
    cmocka_unit_test (test_answer_to_the_last_block_is_one_sealed_object_or_a_status),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
