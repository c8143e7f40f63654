/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notifications as the SM-SR reads them. Checksums in the messages are OpenSSL's CMAC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smsr-notification.h"
#include "test-support.h"

#define EID "89001012012341234012345678901224"
#define AID_2 "a0000005591010ffffffff8900001100"
/* With an IMEI, as eUICCs send it */
#define NOTIFICATION "e135 4c10" EID "4d0102 4e020001 2f10" AID_2 "1408 1a32547698103254"
#define SUBMIT_HEAD "41000c919451214365877ff6"
#define PACKET_HEAD "0200 12 12 000001 0000000000 00"
#define SUBMIT SUBMIT_HEAD "52 027000 004d 15" PACKET_HEAD "36858a7dda359067" NOTIFICATION
#define SUBMIT_DAMAGED SUBMIT_HEAD "52 027000 004d 15" PACKET_HEAD "36858a7dda359068" NOTIFICATION

typedef struct
{
  SimEis eis;
  SimSmsrPackets packets;
  SimSmsrNotifications *notifications;
} Fixture;

static int
set_up (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  sim_eis_init (&fixture->eis);
  sim_smsr_packets_init (&fixture->packets);
  fixture->notifications = sim_smsr_notifications_new (EID, &fixture->eis, &fixture->packets);
  *state = fixture;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;

  sim_smsr_notifications_free (fixture->notifications);
  sim_eis_clear (&fixture->eis);
  g_free (fixture);
  return 0;
}

static gboolean
reads (SimSmsrNotification *notification, const char *object, const char *eid)
{
  g_autoptr (GBytes) bytes = from_hex (object);

  return sim_smsr_notification_read (notification, ea_span_from_bytes (bytes), eid);
}

static gboolean
receive (Fixture *fixture, const char *submit)
{
  g_autoptr (GBytes) bytes = from_hex (submit);

  return sim_smsr_notifications_receive (fixture->notifications, ea_span_from_bytes (bytes));
}

static void
assert_described (Fixture *fixture, const char *expected)
{
  g_autofree char *text = sim_smsr_notifications_describe (fixture->notifications);

  assert_string_equal (text, expected);
}

static void
test_parts_are_read_in_any_order_among_others (void **state)
{
  static const char *const objects[]
      = { NOTIFICATION, "e12b 2f10" AID_2 "4e020001 4d0102 4c10" EID };

  for (gsize i = 0; i < G_N_ELEMENTS (objects); i++)
    {
      SimSmsrNotification notification = { 0 };

      assert_true (reads (&notification, objects[i], EID));
      assert_int_equal (notification.type, 2);
      assert_int_equal (notification.sequence, 1);
      assert_string_equal (notification.aid, "A0000005591010FFFFFFFF8900001100");
    }
}

static void
test_every_truncation_is_no_notification (void **state)
{
  g_autoptr (GBytes) whole = from_hex (NOTIFICATION);

  for (gsize size = 0; size < g_bytes_get_size (whole); size++)
    {
      SimSmsrNotification notification = { .type = 0x55 };

      assert_false (sim_smsr_notification_read (
          &notification, ea_span_head (ea_span_from_bytes (whole), size), EID));
      assert_int_equal (notification.type, 0x55);
    }
}

static void
test_wrong_parts_are_no_notification (void **state)
{
  static const char *const wrong[] = {
    "e12b 4c10 89001012012341234012345678901321 4d0102 4e020001 2f10" AID_2, /* another eUICC's */
    "e12c 4c10" EID "4d020002 4e020001 2f10" AID_2,    /* type of two octets */
    "e12a 4c10" EID "4d0102 4e0101 2f10" AID_2,        /* number of one */
    "e12c 4c10" EID "4d0102 4e020001 2f11" AID_2 "00", /* AID of 17 */
    "e119 4c10" EID "4d0102 4e020001",                 /* no AID */
  };
  SimSmsrNotification notification = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    assert_false (reads (&notification, wrong[i], EID));
}

static void
test_short_message_is_confirmed_and_changes_what_is_believed (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (GBytes) aid = from_hex (AID_2);
  g_autoptr (GBytes) confirmation = NULL;

  assert_true (receive (fixture, SUBMIT));
  assert_described (fixture, "02 1 A0000005591010FFFFFFFF8900001100 sms open\n");
  assert_true (g_bytes_equal (sim_eis_find_state (&fixture->eis, 0x3F), aid));
  confirmation = sim_smsr_notifications_pull (fixture->notifications);
  assert_non_null (confirmation);
  assert_int_equal (fixture->packets.counter, 1);
  assert_int_equal (sim_smsr_notifications_take_confirmed (fixture->notifications), 0);
}

static void
test_confirmation_is_withheld_as_often_as_ordered (void **state)
{
  Fixture *fixture = *state;
  g_autoptr (GBytes) confirmation = NULL;

  sim_smsr_notifications_withhold (fixture->notifications, 1);
  assert_true (receive (fixture, SUBMIT));
  assert_null (sim_smsr_notifications_pull (fixture->notifications));
  assert_true (receive (fixture, SUBMIT));
  confirmation = sim_smsr_notifications_pull (fixture->notifications);
  assert_non_null (confirmation);
  assert_described (fixture, "02 1 A0000005591010FFFFFFFF8900001100 sms withheld\n"
                             "02 1 A0000005591010FFFFFFFF8900001100 sms open\n");
}

static void
test_message_with_a_wrong_checksum_is_not_taken (void **state)
{
  Fixture *fixture = *state;

  assert_false (receive (fixture, SUBMIT_DAMAGED));
  assert_false (receive (fixture, "41000c919451214365877ff600"));
  assert_described (fixture, "");
}

/* R-APDUs with the list of §4.1.1.12, and one that is refused */
static void
test_answer_tells_what_was_deleted (void **state)
{
  static const struct
  {
    const char *script;
    const char *fate;
  } answers[] = {
    { "ab09 800101 230480009000", "confirmed\n" },
    { "ab1b 800101 2316 8012 4f10" AID_2 "9000",
      "confirmed deleted=A0000005591010FFFFFFFF8900001100\n" },
    { "af80 230480009000 0000", "confirmed\n" },
    { "ab07 800101 23026a80", "refused\n" },
    { "ab", "refused\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      const SimSmsrNotification notification
          = { .type = 5, .sequence = 2, .aid = "A0000005591010FFFFFFFF8900001000" };
      g_autoptr (GBytes) script = from_hex (answers[i].script);
      g_autofree char *expected
          = g_strconcat ("05 2 A0000005591010FFFFFFFF8900001000 https ", answers[i].fate, NULL);
      void *other = NULL;
      Fixture *fixture;

      set_up (&other);
      fixture = other;
      assert_true (sim_smsr_notifications_add (fixture->notifications, &notification, "https"));
      sim_smsr_notifications_settle (fixture->notifications, ea_span_from_bytes (script));
      assert_described (fixture, expected);
      tear_down (&other);
    }
}

#define notification_test(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_parts_are_read_in_any_order_among_others),
    cmocka_unit_test (test_every_truncation_is_no_notification),
    cmocka_unit_test (test_wrong_parts_are_no_notification),
    notification_test (test_short_message_is_confirmed_and_changes_what_is_believed),
    notification_test (test_confirmation_is_withheld_as_often_as_ordered),
    notification_test (test_message_with_a_wrong_checksum_is_not_taken),
    cmocka_unit_test (test_answer_tells_what_was_deleted),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
