/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Concatenated short messages put together (agent/core/sms-reassembly.h). Time is a variable. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/sms-reassembly.h"
#include "helpers.h"

#define TIMEOUT_US (60 * G_USEC_PER_SEC)

static const EaSmsAddress alice = { .ton = 1, .npi = 1, .digits = "491512345678" };
static const EaSmsAddress bob = { .ton = 1, .npi = 1, .digits = "491512345679" };

/* A segment whose payload is the text @payload. */
typedef struct
{
  const EaSmsAddress *originator;
  guint16 reference;
  guint8 total;
  guint8 index;
  const char *payload;
  guint64 name;
} Segment;

static void
receive_as (EaSmsReassembly *reassembly, const Segment *segment, EaSmsSecured secured,
            gboolean has_wide_reference, gint64 now_us)
{
  EaSmsUserData data = { .payload = ea_span_init (segment->payload, strlen (segment->payload)),
                         .secured = secured };

  data.concatenation = (EaSmsConcatenation){ segment->reference, segment->total, segment->index,
                                             has_wide_reference };
  ea_sms_reassembly_receive (reassembly, segment->originator, &data, segment->name, now_us);
}

static void
receive (EaSmsReassembly *reassembly, const Segment *segment, gint64 now_us)
{
  receive_as (reassembly, segment,
              segment->index == 1 ? EA_SMS_SECURED_COMMAND : EA_SMS_SECURED_NONE, FALSE, now_us);
}

/* The next event is @news about the segments with the @names (separated by blanks). */
static void
assert_event (EaSmsReassembly *reassembly, EaSmsReassemblyNews news, const char *names,
              const char *payload)
{
  g_auto (EaSmsReassemblyEvent) event = { 0 };
  g_autoptr (GString) actual = g_string_new (NULL);

  if (!ea_sms_reassembly_pull_event (reassembly, &event))
    fail_msg ("no event about %s", names);
  for (guint i = 0; i < event.names->len; i++)
    g_string_append_printf (actual, "%s%u", i > 0 ? " " : "",
                            (guint) g_array_index (event.names, guint64, i));
  assert_string_equal (actual->str, names);
  assert_int_equal (event.news, news);
  if (payload == NULL)
    assert_null (event.payload);
  else
    assert_true (ea_span_equal (ea_span_from_bytes (event.payload),
                                ea_span_init (payload, strlen (payload))));
}

static void
assert_no_event (EaSmsReassembly *reassembly)
{
  g_auto (EaSmsReassemblyEvent) event = { 0 };

  assert_false (ea_sms_reassembly_pull_event (reassembly, &event));
}

static void
assert_empty (EaSmsReassembly *reassembly)
{
  assert_no_event (reassembly);
  assert_int_equal (ea_sms_reassembly_count_messages (reassembly), 0);
  assert_int_equal (ea_sms_reassembly_count_bytes (reassembly), 0);
  assert_int_equal (ea_sms_reassembly_deadline (reassembly), EA_SMS_REASSEMBLY_NEVER);
}

static void
test_message_that_stands_alone_is_complete_at_once (void **state)
{
  g_auto (EaSmsReassembly) reassembly = { 0 };

  ea_sms_reassembly_init (&reassembly, TIMEOUT_US);
  receive (&reassembly, &(Segment){ &alice, 0, 0, 0, "whole", 7 }, 0);
  assert_event (&reassembly, EA_SMS_REASSEMBLY_COMPLETE, "7", "whole");
  receive (&reassembly, &(Segment){ &alice, 9, 1, 1, "one of one", 8 }, 0);
  assert_event (&reassembly, EA_SMS_REASSEMBLY_COMPLETE, "8", "one of one");
  assert_empty (&reassembly);
}

/* TS 23.040 §9.2.3.24.1: an index of 0 or above the total is ignored */
static void
test_segment_whose_numbers_make_no_sense_stands_alone (void **state)
{
  static const guint8 numbers[][2] = { { 2, 0 }, { 2, 3 }, { 1, 2 }, { 0, 1 }, { 1, 1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_auto (EaSmsReassembly) reassembly = { 0 };
      g_auto (EaSmsReassemblyEvent) event = { 0 };

      ea_sms_reassembly_init (&reassembly, TIMEOUT_US);
      receive (&reassembly, &(Segment){ &alice, 5, numbers[i][0], numbers[i][1], "a", 7 }, 0);
      assert_true (ea_sms_reassembly_pull_event (&reassembly, &event));
      assert_int_equal (event.news, EA_SMS_REASSEMBLY_COMPLETE);
      assert_int_equal (event.concatenation.reference, 0);
      assert_int_equal (event.concatenation.total, 0);
      assert_int_equal (event.concatenation.index, 0);
      assert_span_is (ea_span_from_bytes (event.payload), "61");
      assert_empty (&reassembly);
    }
}

static void
test_segments_in_any_order_make_the_message (void **state)
{
  static const guint8 orders[][3]
      = { { 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 }, { 2, 3, 1 }, { 3, 1, 2 }, { 3, 2, 1 } };
  static const char *const parts[] = { "one ", "two ", "three" };

  for (gsize i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_auto (EaSmsReassembly) reassembly = { 0 };
      g_auto (EaSmsReassemblyEvent) event = { 0 };

      ea_sms_reassembly_init (&reassembly, TIMEOUT_US);
      for (gsize k = 0; k < 3; k++)
        {
          assert_no_event (&reassembly);
          receive (&reassembly,
                   &(Segment){ &alice, 5, 3, orders[i][k], parts[orders[i][k] - 1], k }, 0);
        }
      assert_true (ea_sms_reassembly_pull_event (&reassembly, &event));
      assert_int_equal (event.news, EA_SMS_REASSEMBLY_COMPLETE);
      assert_int_equal (event.secured, EA_SMS_SECURED_COMMAND);
      assert_string_equal (event.originator.digits, "491512345678");
      assert_int_equal (event.concatenation.reference, 5);
      assert_int_equal (event.concatenation.total, 3);
      assert_int_equal (event.concatenation.index, orders[i][2]);
      assert_span_is (ea_span_from_bytes (event.payload), "6F6E652074776F207468726565");
      assert_int_equal (event.names->len, 3);
      assert_empty (&reassembly);
    }
}

static void
test_duplicate_is_told_and_changes_nothing (void **state)
{
  g_auto (EaSmsReassembly) reassembly = { 0 };

  ea_sms_reassembly_init (&reassembly, TIMEOUT_US);
  receive (&reassembly, &(Segment){ &alice, 5, 2, 1, "a", 1 }, 0);
  receive (&reassembly, &(Segment){ &alice, 5, 2, 1, "a", 2 }, 30);
  assert_event (&reassembly, EA_SMS_REASSEMBLY_DUPLICATE, "2", NULL);
  assert_int_equal (ea_sms_reassembly_deadline (&reassembly), TIMEOUT_US);
  receive (&reassembly, &(Segment){ &alice, 5, 2, 2, "b", 3 }, 0);
  assert_event (&reassembly, EA_SMS_REASSEMBLY_COMPLETE, "1 3", "ab");
  assert_empty (&reassembly);
}

static void
test_messages_are_kept_apart_by_originator_reference_width_and_total (void **state)
{
  g_auto (EaSmsReassembly) reassembly = { 0 };

  ea_sms_reassembly_init (&reassembly, TIMEOUT_US);
  receive (&reassembly, &(Segment){ &alice, 5, 2, 1, "a", 1 }, 0);
  receive (&reassembly, &(Segment){ &bob, 5, 2, 2, "B", 2 }, 0);
  receive (&reassembly, &(Segment){ &alice, 6, 2, 2, "C", 3 }, 0);
  receive (&reassembly, &(Segment){ &alice, 5, 3, 2, "D", 4 }, 0);
  receive_as (&reassembly, &(Segment){ &alice, 5, 2, 2, "E", 5 }, EA_SMS_SECURED_NONE, TRUE, 0);

  assert_no_event (&reassembly);
  assert_int_equal (ea_sms_reassembly_count_messages (&reassembly), 5);
  assert_int_equal (ea_sms_reassembly_count_bytes (&reassembly), 5);
  receive (&reassembly, &(Segment){ &alice, 5, 2, 2, "b", 6 }, 0);
  assert_event (&reassembly, EA_SMS_REASSEMBLY_COMPLETE, "1 6", "ab");
  assert_int_equal (ea_sms_reassembly_count_messages (&reassembly), 4);
}

static void
test_other_bytes_in_the_same_place_begin_a_new_message (void **state)
{
  g_auto (EaSmsReassembly) reassembly = { 0 };

  ea_sms_reassembly_init (&reassembly, TIMEOUT_US);
  receive (&reassembly, &(Segment){ &alice, 5, 3, 1, "old", 1 }, 0);
  receive (&reassembly, &(Segment){ &alice, 5, 3, 2, "old", 2 }, 0);
  receive (&reassembly, &(Segment){ &alice, 5, 3, 1, "new", 3 }, 0);
  assert_event (&reassembly, EA_SMS_REASSEMBLY_CONTRADICTION, "1 2", NULL);
  receive (&reassembly, &(Segment){ &alice, 5, 3, 2, "er ", 4 }, 0);
  receive (&reassembly, &(Segment){ &alice, 5, 3, 3, "one", 5 }, 0);
  assert_event (&reassembly, EA_SMS_REASSEMBLY_COMPLETE, "3 4 5", "newer one");
  assert_empty (&reassembly);
}

static void
test_other_security_header_in_the_first_place_begins_a_new_message (void **state)
{
  g_auto (EaSmsReassembly) reassembly = { 0 };
  const Segment segment = { &alice, 5, 2, 1, "a", 1 };

  ea_sms_reassembly_init (&reassembly, TIMEOUT_US);
  receive_as (&reassembly, &segment, EA_SMS_SECURED_COMMAND, FALSE, 0);
  receive_as (&reassembly, &segment, EA_SMS_SECURED_RESPONSE, FALSE, 0);
  assert_event (&reassembly, EA_SMS_REASSEMBLY_CONTRADICTION, "1", NULL);
  assert_int_equal (ea_sms_reassembly_count_messages (&reassembly), 1);
}

static void
test_message_without_new_segments_times_out_and_gives_them_back (void **state)
{
  g_auto (EaSmsReassembly) reassembly = { 0 };

  ea_sms_reassembly_init (&reassembly, TIMEOUT_US);
  receive (&reassembly, &(Segment){ &alice, 5, 3, 3, "c", 1 }, 1000);
  receive (&reassembly, &(Segment){ &bob, 5, 3, 3, "c", 9 }, 3000);
  receive (&reassembly, &(Segment){ &alice, 5, 3, 1, "a", 2 }, 5000);
  assert_int_equal (ea_sms_reassembly_deadline (&reassembly), 3000 + TIMEOUT_US);

  ea_sms_reassembly_tick (&reassembly, 3000 + TIMEOUT_US - 1);
  assert_no_event (&reassembly);
  ea_sms_reassembly_tick (&reassembly, 3000 + TIMEOUT_US);
  assert_event (&reassembly, EA_SMS_REASSEMBLY_TIMED_OUT, "9", NULL);
  assert_int_equal (ea_sms_reassembly_deadline (&reassembly), 5000 + TIMEOUT_US);
  ea_sms_reassembly_tick (&reassembly, 5000 + TIMEOUT_US);
  assert_event (&reassembly, EA_SMS_REASSEMBLY_TIMED_OUT, "1 2", NULL);
  assert_empty (&reassembly);
}

static void
test_segment_after_the_time_is_over_begins_a_new_message (void **state)
{
  g_auto (EaSmsReassembly) reassembly = { 0 };

  ea_sms_reassembly_init (&reassembly, TIMEOUT_US);
  receive (&reassembly, &(Segment){ &alice, 5, 2, 1, "a", 1 }, 0);
  receive (&reassembly, &(Segment){ &alice, 5, 2, 2, "b", 2 }, TIMEOUT_US);
  assert_event (&reassembly, EA_SMS_REASSEMBLY_TIMED_OUT, "1", NULL);
  assert_no_event (&reassembly);
  assert_int_equal (ea_sms_reassembly_count_messages (&reassembly), 1);
}

static void
test_oldest_message_makes_room_when_there_are_too_many (void **state)
{
  g_auto (EaSmsReassembly) reassembly = { 0 };

  ea_sms_reassembly_init (&reassembly, TIMEOUT_US);
  for (guint16 i = 0; i < EA_SMS_REASSEMBLY_MESSAGES_MAX; i++)
    receive (&reassembly, &(Segment){ &alice, i, 3, 1, "a", i }, i);
  assert_no_event (&reassembly);
  receive (&reassembly, &(Segment){ &alice, 0, 3, 2, "b", 100 }, 50); /* no longer the oldest */
  assert_no_event (&reassembly);

  receive (&reassembly, &(Segment){ &bob, 0, 3, 1, "a", 200 }, 60);
  assert_event (&reassembly, EA_SMS_REASSEMBLY_LIMIT, "1", NULL);
  assert_no_event (&reassembly);
  assert_int_equal (ea_sms_reassembly_count_messages (&reassembly), EA_SMS_REASSEMBLY_MESSAGES_MAX);
}

/* Two messages of 255 segments with 255 bytes each are larger than the limit of bytes. */
static void
test_oldest_message_makes_room_when_there_are_too_many_bytes (void **state)
{
  g_auto (EaSmsReassembly) reassembly = { 0 };
  g_autofree char *payload = g_strnfill (EA_SMS_REASSEMBLY_PAYLOAD_MAX, 'x');
  guint n_segments = EA_SMS_REASSEMBLY_BYTES_MAX / EA_SMS_REASSEMBLY_PAYLOAD_MAX;

  ea_sms_reassembly_init (&reassembly, TIMEOUT_US);
  receive (&reassembly, &(Segment){ &bob, 1, 255, 1, payload, 1 }, 0);
  for (guint i = 1; i < n_segments; i++)
    receive (&reassembly,
             &(Segment){ &alice, (guint16) (i / 254), 255, (guint8) (i % 254 + 1), payload, 2 }, 0);
  assert_no_event (&reassembly);
  assert_true (ea_sms_reassembly_count_bytes (&reassembly) <= EA_SMS_REASSEMBLY_BYTES_MAX);

  receive (&reassembly, &(Segment){ &alice, 7, 255, 1, payload, 3 }, 0);
  assert_event (&reassembly, EA_SMS_REASSEMBLY_LIMIT, "1", NULL);
  assert_no_event (&reassembly);
  assert_true (ea_sms_reassembly_count_bytes (&reassembly) <= EA_SMS_REASSEMBLY_BYTES_MAX);
}

static void
test_packet_that_was_divided_comes_out_whole (void **state)
{
  g_auto (EaSmsReassembly) reassembly = { 0 };
  g_auto (EaSmsReassemblyEvent) event = { 0 };
  g_autoptr (GPtrArray) segments = NULL;
  g_auto (EaWriter) packet = { 0 };

  ea_writer_init (&packet);
  for (guint i = 0; i < 1000; i++)
    ea_writer_u8 (&packet, (guint8) (i * 7));
  segments = ea_sms_segment_packet (ea_writer_span (&packet), EA_SMS_SECURED_RESPONSE, 0x1234, TRUE,
                                    NULL);

  ea_sms_reassembly_init (&reassembly, TIMEOUT_US);
  for (guint i = segments->len; i > 0; i--)
    {
      EaSmsUserData data;

      assert_true (
          ea_sms_parse_user_data (&data, ea_span_from_bytes (segments->pdata[i - 1]), NULL));
      ea_sms_reassembly_receive (&reassembly, &alice, &data, i, 0);
    }

  assert_true (ea_sms_reassembly_pull_event (&reassembly, &event));
  assert_int_equal (event.secured, EA_SMS_SECURED_RESPONSE);
  assert_true (ea_span_equal (ea_span_from_bytes (event.payload), ea_writer_span (&packet)));
  assert_empty (&reassembly);
}

static void
test_clearing_forgets_messages_and_events (void **state)
{
  EaSmsReassembly reassembly;

  ea_sms_reassembly_init (&reassembly, TIMEOUT_US);
  receive (&reassembly, &(Segment){ &alice, 5, 2, 1, "a", 1 }, 0);
  receive (&reassembly, &(Segment){ &bob, 0, 0, 0, "whole", 2 }, 0);
  ea_sms_reassembly_clear (&reassembly);
  ea_sms_reassembly_clear (&reassembly);
}

static void
test_message_that_is_not_wanted_any_more_gives_its_segments_back (void **state)
{
  g_auto (EaSmsReassembly) reassembly = { 0 };
  const EaSmsConcatenation wanted = { .reference = 7, .total = 3, .index = 1 };
  const EaSmsConcatenation other = { .reference = 7, .total = 4, .index = 1 };

  ea_sms_reassembly_init (&reassembly, TIMEOUT_US);
  receive (&reassembly, &(Segment){ &alice, 7, 3, 3, "c", 1 }, 0);
  receive (&reassembly, &(Segment){ &alice, 7, 3, 2, "b", 2 }, 0);
  receive (&reassembly, &(Segment){ &bob, 7, 3, 2, "b", 3 }, 0);

  ea_sms_reassembly_withdraw (&reassembly, &alice, &other);
  assert_no_event (&reassembly);
  ea_sms_reassembly_withdraw (&reassembly, &alice, &wanted);
  assert_event (&reassembly, EA_SMS_REASSEMBLY_WITHDRAWN, "1 2", NULL);
  assert_no_event (&reassembly);
  assert_int_equal (ea_sms_reassembly_count_messages (&reassembly), 1);
  assert_int_equal (ea_sms_reassembly_count_bytes (&reassembly), 1);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_message_that_stands_alone_is_complete_at_once),
    cmocka_unit_test (test_segment_whose_numbers_make_no_sense_stands_alone),
    cmocka_unit_test (test_segments_in_any_order_make_the_message),
    cmocka_unit_test (test_duplicate_is_told_and_changes_nothing),
    cmocka_unit_test (test_messages_are_kept_apart_by_originator_reference_width_and_total),
    cmocka_unit_test (test_other_bytes_in_the_same_place_begin_a_new_message),
    cmocka_unit_test (test_other_security_header_in_the_first_place_begins_a_new_message),
    cmocka_unit_test (test_message_without_new_segments_times_out_and_gives_them_back),
    cmocka_unit_test (test_segment_after_the_time_is_over_begins_a_new_message),
    cmocka_unit_test (test_oldest_message_makes_room_when_there_are_too_many),
    cmocka_unit_test (test_oldest_message_makes_room_when_there_are_too_many_bytes),
    cmocka_unit_test (test_packet_that_was_divided_comes_out_whole),
    cmocka_unit_test (test_clearing_forgets_messages_and_events),
    cmocka_unit_test (test_message_that_is_not_wanted_any_more_gives_its_segments_back),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
