/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A day of the machines that live as long as the agent does, or come and go in it, in virtual time: the card's timers,
 * short messages of which many never become whole, and CAT_TP sessions over a link that loses datagrams. What they hold
 * after the first hour is what they hold after the last, and no timer drifts.
 */

#include <malloc.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cattp-net.h"
#include "core/cat-timer.h"
#include "core/sms-reassembly.h"
#include "helpers.h"

#define START_US (1000 * (gint64) G_USEC_PER_SEC)
#define HOUR_US (3600 * (gint64) G_USEC_PER_SEC)
#define DAY_US (24 * HOUR_US)
#define MESSAGE_INTERVAL_US (20 * (gint64) G_USEC_PER_SEC)
#define SESSION_INTERVAL_US (10 * 60 * (gint64) G_USEC_PER_SEC)
#define KINDS 4

/* What is asked for is rounded up by another amount each time. What malloc and GLib keep of what was freed is switched
 * off by the environment, see meson.build. */
#define SLACK 256

/* oFono's vector of TIMER MANAGEMENT, with other timers and values */
typedef struct
{
  const char *start;
  gint64 seconds;
} Timer;

static const Timer timers[] = {
  { "D011810301270082028182A40101A503001000", 60 },
  { "D011810301270082028182A40102A503005400", 45 * 60 },
  { "D011810301270082028182A40108A503600000", 6 * 3600 },
};

typedef struct
{
  gint64 now_us;
  EaCatTimers timers;
  guint n_expired[EA_CAT_TIMER_MAX];
  EaSmsReassembly reassembly;
  guint n_messages;
  guint n_ended[EA_SMS_REASSEMBLY_WITHDRAWN + 1];
  gint64 message_us;
  gint64 session_us;
  guint n_sessions;
  gint64 hour_us;
  gsize n_octets[24]; /* in use, hour by hour */
  guint n_hours;
} Day;

static void
start_timer (Day *day, const Timer *timer)
{
  g_autoptr (GBytes) bytes = bytes_of (timer->start);
  g_autoptr (GBytes) response = NULL;
  EaCatCommand command;

  assert_true (ea_cat_parse_command (&command, ea_span_from_bytes (bytes), NULL));
  response = ea_cat_timers_command (&day->timers, &command, day->now_us);
  assert_non_null (response);
}

/* The card starts it again at once. */
static void
expire (Day *day)
{
  g_autoptr (GBytes) envelope = NULL;

  while ((envelope = ea_cat_timers_pull_expiration (&day->timers, day->now_us)) != NULL)
    {
      guint number = ea_span_from_bytes (envelope).data[8];
      const Timer *timer = &timers[number == 8 ? 2 : number - 1];

      ea_cat_timers_expiration_done (&day->timers, TRUE);
      day->n_expired[number - 1]++;
      assert_true (day->now_us
                   == START_US + day->n_expired[number - 1] * timer->seconds * G_USEC_PER_SEC);
      start_timer (day, timer);
      g_clear_pointer (&envelope, g_bytes_unref);
    }
}

/* Another life of the agent takes them over. */
static void
hand_over (Day *day)
{
  g_auto (EaWriter) record = { 0 };

  ea_writer_init (&record);
  ea_cat_timers_write (&day->timers, day->now_us, &record);
  ea_cat_timers_init (&day->timers);
  assert_true (ea_cat_timers_read (&day->timers, ea_writer_span (&record), 0, day->now_us));
}

static void
receive_segment (Day *day, guint8 index)
{
  static const EaSmsAddress originator = { .ton = 1, .npi = 1, .digits = "491512345678" };
  guint8 payload[100] = { index };
  const EaSmsUserData data
      = { .payload = ea_span_init (payload, sizeof payload),
          .secured = index == 1 ? EA_SMS_SECURED_COMMAND : EA_SMS_SECURED_NONE,
          .concatenation = { .reference = (guint8) day->n_messages, .total = 3, .index = index } };

  ea_sms_reassembly_receive (&day->reassembly, &originator, &data, day->n_messages, day->now_us);
}

static void
take_events (Day *day)
{
  EaSmsReassemblyEvent event;

  while (ea_sms_reassembly_pull_event (&day->reassembly, &event))
    {
      day->n_ended[event.news]++;
      ea_sms_reassembly_event_clear (&event);
    }
}

/* One is whole, one comes backwards and one segment twice; of two, segments are lost. */
static void
receive_message (Day *day)
{
  static const guint8 orders[KINDS][KINDS] = { { 1, 2, 3 }, { 3, 2, 2, 1 }, { 1, 3 }, { 2 } };

  for (guint i = 0; i < KINDS; i++)
    if (orders[day->n_messages % KINDS][i] != 0)
      receive_segment (day, orders[day->n_messages % KINDS][i]);
  day->n_messages++;
  day->message_us += MESSAGE_INTERVAL_US;
}

typedef struct
{
  gboolean sends;
  gboolean has_taken;
  gboolean is_closed;
} End;

static void
take_news (gpointer machine, gpointer user_data, gint64 now_us)
{
  End *end = user_data;
  EaCattpEvent event;

  while (ea_cattp_pull_event (machine, &event))
    {
      if (event.type == EA_CATTP_EVENT_OPENED && end->sends)
        {
          g_autoptr (GBytes) sdu = g_bytes_new_take (g_malloc0 (5000), 5000);

          assert_true (ea_cattp_send (machine, sdu, now_us, NULL));
        }
      if (event.type == EA_CATTP_EVENT_SDU)
        {
          end->has_taken = TRUE;
          ea_cattp_close (machine, now_us);
        }
      end->is_closed |= event.type == EA_CATTP_EVENT_CLOSED;
      ea_cattp_event_clear (&event);
    }
}

static void
have_session (Day *day)
{
  const CattpLink link
      = { .rtt_us = 400000, .loss = 100, .duplicate = 20, .seed = ++day->n_sessions };
  EaCattpParameters parameters = { .source_port = 0xC001,
                                   .destination_port = 0x0929,
                                   .max_pdu = 1400,
                                   .max_sdu = EA_CATTP_SDU_MAX,
                                   .window = 10 };
  End ends[2] = { { .sends = TRUE } };
  g_auto (CattpNet) net = { 0 };
  EaCattp *machines[2];

  cattp_net_init (&net, &link);
  machines[0] = ea_cattp_new_active (&parameters, net.now_us);
  parameters.source_port = parameters.destination_port;
  parameters.destination_port = 0;
  machines[1] = ea_cattp_new_passive (&parameters);
  for (guint i = 0; i < 2; i++)
    cattp_net_set_machine (&net, i, machines[i], take_news, &ends[i]);
  (void) cattp_net_run (&net, NULL, net.now_us + HOUR_US);
  assert_true (ends[1].has_taken && ends[1].is_closed);
  for (guint i = 0; i < 2; i++)
    ea_cattp_free (machines[i]);
  day->session_us += SESSION_INTERVAL_US;
}

static void
end_hour (Day *day)
{
  day->n_octets[day->n_hours++] = mallinfo2 ().uordblks;
  day->hour_us += HOUR_US;
  hand_over (day);
}

static void
go_on (Day *day)
{
  gint64 next_us = MIN (MIN (day->message_us, day->session_us), day->hour_us);

  next_us = MIN (next_us, ea_cat_timers_get_deadline (&day->timers));
  day->now_us = MIN (next_us, ea_sms_reassembly_deadline (&day->reassembly));
  expire (day);
  ea_sms_reassembly_tick (&day->reassembly, day->now_us);
  if (day->message_us == day->now_us)
    receive_message (day);
  take_events (day);
  if (day->session_us == day->now_us)
    have_session (day);
  if (day->hour_us == day->now_us)
    end_hour (day);
}

static void
begin (Day *day)
{
  *day = (Day){ .now_us = START_US,
                .message_us = START_US + 1,
                .session_us = START_US + 2,
                .hour_us = START_US + HOUR_US };
  ea_sms_reassembly_init (&day->reassembly, EA_SMS_REASSEMBLY_TIMEOUT_US);
  ea_cat_timers_init (&day->timers);
  for (gsize i = 0; i < G_N_ELEMENTS (timers); i++)
    start_timer (day, &timers[i]);
}

static void
have_day (Day *day)
{
  begin (day);
  while (day->n_hours < G_N_ELEMENTS (day->n_octets))
    go_on (day);
  assert_int_equal (day->now_us, START_US + DAY_US);
}

static void
test_day_of_timers_messages_and_sessions_drifts_by_nothing (void **state)
{
  Day day;

  have_day (&day);

  assert_int_equal (day.n_expired[0], 24 * 60);
  assert_int_equal (day.n_expired[1], 24 * 60 / 45);
  assert_int_equal (day.n_expired[7], 24 / 6);
  assert_int_equal (day.n_sessions, DAY_US / SESSION_INTERVAL_US);
  ea_sms_reassembly_tick (&day.reassembly, day.now_us + EA_SMS_REASSEMBLY_TIMEOUT_US);
  take_events (&day);
  assert_int_equal (day.n_messages, DAY_US / MESSAGE_INTERVAL_US);
  assert_int_equal (day.n_ended[EA_SMS_REASSEMBLY_COMPLETE], day.n_messages / 2);
  assert_int_equal (day.n_ended[EA_SMS_REASSEMBLY_TIMED_OUT], day.n_messages / 2);
  assert_int_equal (ea_sms_reassembly_count_messages (&day.reassembly), 0);
  assert_int_equal (ea_sms_reassembly_count_bytes (&day.reassembly), 0);
  ea_sms_reassembly_clear (&day.reassembly);
}

/* A sanitizer's malloc() does not tell mallinfo2(). */
static gboolean
is_memory_counted (void)
{
  gsize n_octets = mallinfo2 ().uordblks;
  g_autofree guint8 *more = g_malloc0 (10 * SLACK);

  return more != NULL && mallinfo2 ().uordblks >= n_octets + 10 * SLACK;
}

static void
test_day_of_timers_messages_and_sessions_leaves_nothing (void **state)
{
  Day day;

  if (!is_memory_counted ())
    {
      print_message ("the memory in use is not counted here\n");
      skip ();
    }
  have_day (&day);

  for (guint i = 1; i < day.n_hours; i++)
    assert_in_range (day.n_octets[i], 0, day.n_octets[0] + SLACK);
  ea_sms_reassembly_clear (&day.reassembly);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_day_of_timers_messages_and_sessions_drifts_by_nothing),
    cmocka_unit_test (test_day_of_timers_messages_and_sessions_leaves_nothing),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
