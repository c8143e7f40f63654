/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"
#include "session/profile-history.h"

#define EID "89001012012341234012345678901224"
#define RECORD "profiles-" EID
#define TIME_US G_GUINT64_CONSTANT (0x000644C0FFEE1234)

/* Version, two changes: 1 "first", 22 "sm-sr" */
#define TWO_CHANGES "01000644C0FFEE12340131056669727374000644C0FFEE123502323205736D2D7372"

typedef struct
{
  char *directory;
  EaStore *store;
} World;

static int
setup (void **state)
{
  World *world = g_new0 (World, 1);

  world->directory = make_quick_directory ();
  world->store = ea_store_new (world->directory, NULL);
  *state = world;
  return 0;
}

static int
teardown (void **state)
{
  World *world = *state;

  ea_store_free (world->store);
  delete_directory (world->directory);
  g_free (world);
  return 0;
}

static void
assert_change (const EaProfileHistory *history, guint back, guint64 time_us, const char *iccid,
               const char *reason)
{
  const EaProfileChange *change = ea_profile_history_get (history, back);

  assert_non_null (change);
  assert_int_equal (change->time_us, time_us);
  assert_string_equal (change->iccid, iccid);
  assert_string_equal (change->reason, reason);
}

static void
test_changes_are_there_in_the_next_life (void **state)
{
  World *world = *state;
  g_autoptr (EaProfileHistory) history = ea_profile_history_new (world->store, EID);
  g_autoptr (EaProfileHistory) successor = NULL;
  g_autoptr (GBytes) record = NULL;
  g_autofree char *hex = NULL;

  assert_int_equal (ea_profile_history_count (history), 0);
  assert_null (ea_profile_history_get (history, 0));
  assert_true (ea_profile_history_add (history, TIME_US, "1", "first", NULL));
  assert_true (ea_profile_history_add (history, TIME_US + 1, "22", "sm-sr", NULL));
  record = ea_store_read (world->store, RECORD, NULL);
  hex = ea_span_to_hex (ea_span_from_bytes (record));
  assert_string_equal (hex, TWO_CHANGES);

  successor = ea_profile_history_new (world->store, EID);
  assert_int_equal (ea_profile_history_count (successor), 2);
  assert_change (successor, 0, TIME_US + 1, "22", "sm-sr");
  assert_change (successor, 1, TIME_US, "1", "first");
  assert_null (ea_profile_history_get (successor, 2));
}

static void
test_history_of_another_euicc_is_another (void **state)
{
  World *world = *state;
  g_autoptr (EaProfileHistory) history = ea_profile_history_new (world->store, EID);
  g_autoptr (EaProfileHistory) other = NULL;

  assert_true (ea_profile_history_add (history, TIME_US, "1", "first", NULL));
  other = ea_profile_history_new (world->store, "89033023001211360000000003671234");

  assert_int_equal (ea_profile_history_count (other), 0);
}

static void
test_oldest_changes_are_forgotten (void **state)
{
  World *world = *state;
  g_autoptr (EaProfileHistory) history = ea_profile_history_new (world->store, EID);
  g_autoptr (EaProfileHistory) successor = NULL;

  for (guint i = 0; i <= EA_PROFILE_HISTORY_MAX; i++)
    assert_true (ea_profile_history_add (history, i, i == 0 ? "oldest" : "new", "sm-sr", NULL));
  successor = ea_profile_history_new (world->store, EID);

  assert_int_equal (ea_profile_history_count (successor), EA_PROFILE_HISTORY_MAX);
  assert_change (successor, EA_PROFILE_HISTORY_MAX - 1, 1, "new", "sm-sr");
}

/* What comes before the damage counts. */
static void
test_every_truncation_is_a_shorter_history (void **state)
{
  World *world = *state;
  g_autoptr (GBytes) whole = ea_bytes_from_hex (TWO_CHANGES, NULL);
  gsize size = g_bytes_get_size (whole);

  for (gsize length = 0; length < size; length++)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (whole, 0, length);
      g_autoptr (EaProfileHistory) history = NULL;

      assert_true (ea_store_write (world->store, RECORD, part, NULL));
      history = ea_profile_history_new (world->store, EID);
      assert_int_equal (ea_profile_history_count (history), length < 17 ? 0 : 1);
    }
}

static void
test_foreign_records_are_none (void **state)
{
  static const char *const records[] = {
    "02000644C0FFEE12340131056669727374", /* version */
    "01000644C0FFEE123400056669727374",   /* an empty ICCID */
    "01000644C0FFEE123401FF056669727374", /* one that is no text */
    "01000644C0FFEE1234216162636465666768696A6B6C6D6E6F7071727374757678797A30313233343536370131",
  };
  World *world = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr (GBytes) record = ea_bytes_from_hex (records[i], NULL);
      g_autoptr (EaProfileHistory) history = NULL;

      assert_true (ea_store_write (world->store, RECORD, record, NULL));
      history = ea_profile_history_new (world->store, EID);
      assert_int_equal (ea_profile_history_count (history), 0);
    }
}

/* What was intended, after changes for these reasons in their order: the ICCID of the change with this number; 0: none */
static void
expect_intended (World *world, const char *const reasons[], guint expected)
{
  static const char *const iccids[] = { "8901", "8902", "8903", "8904", "8905" };
  g_autoptr (EaProfileHistory) history = NULL;
  g_autoptr (EaProfileHistory) next_life = NULL;

  (void) ea_store_remove (world->store, RECORD, NULL); /* there may be none */
  history = ea_profile_history_new (world->store, EID);
  for (guint i = 0; reasons[i] != NULL; i++)
    assert_true (ea_profile_history_add (history, 1 + i, iccids[i], reasons[i], NULL));
  next_life = ea_profile_history_new (world->store, EID);
  if (expected == 0)
    assert_null (ea_profile_history_get_intended (next_life));
  else
    assert_string_equal (ea_profile_history_get_intended (next_life), iccids[expected - 1]);
}

static void
test_what_the_euicc_did_by_itself_was_not_intended (void **state)
{
  World *world = *state;

  expect_intended (world, (const char *const[]){ NULL }, 0);
  expect_intended (world, (const char *const[]){ "first", NULL }, 1);
  expect_intended (world, (const char *const[]){ "first", "sm-sr", NULL }, 2);
  expect_intended (world, (const char *const[]){ "first", "sm-sr", "roll-back", NULL }, 2);
  expect_intended (world, (const char *const[]){ "first", "fall-back", "fall-back", NULL }, 1);
  expect_intended (world, (const char *const[]){ "first", "sm-sr", "fall-back", "local", NULL }, 4);
  expect_intended (world, (const char *const[]){ "fall-back", NULL }, 0);
}

static void
test_a_reason_that_shows_later_outlives_the_agent (void **state)
{
  World *world = *state;
  g_autoptr (EaProfileHistory) history = ea_profile_history_new (world->store, EID);
  g_autoptr (EaProfileHistory) next_life = NULL;

  assert_true (ea_profile_history_amend (history, "fall-back", NULL)); /* of nothing */
  assert_true (ea_profile_history_add (history, 1, "8901", "first", NULL));
  assert_true (ea_profile_history_add (history, 2, "8902", "local", NULL));
  assert_true (ea_profile_history_amend (history, "fall-back", NULL));
  next_life = ea_profile_history_new (world->store, EID);

  assert_string_equal (ea_profile_history_get (next_life, 0)->reason, "fall-back");
  assert_string_equal (ea_profile_history_get (next_life, 1)->reason, "first");
  assert_string_equal (ea_profile_history_get_intended (next_life), "8901");
}

#define IN_WORLD(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    IN_WORLD (test_changes_are_there_in_the_next_life),
    IN_WORLD (test_history_of_another_euicc_is_another),
    IN_WORLD (test_oldest_changes_are_forgotten),
    IN_WORLD (test_every_truncation_is_a_shorter_history),
    IN_WORLD (test_foreign_records_are_none),
    IN_WORLD (test_what_the_euicc_did_by_itself_was_not_intended),
    IN_WORLD (test_a_reason_that_shows_later_outlives_the_agent),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
