/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hostility: what is drawn is drawn again with the same seed, all kinds come, and nothing is spoilt without it. */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hostile-answer.h"
#include "hostile-datagram.h"
#include "hostile-frame.h"
#include "qmux.h"
#include "test-host.h"

#define N_MESSAGES 6000
#define FRAMING_MAX (N_MESSAGES / 20)
#define DMS_GET_IDS 0x0025

/* DMS Get IDs: result and the IMEI "49" */
static const guint8 frame_octets[]
    = { 0x01, 0x18, 0x00, 0x80, 0x02, 0x01, 0x02, 0x01, 0x00, 0x25, 0x00, 0x0C, 0x00,
        0x02, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x11, 0x02, 0x00, 0x34, 0x39 };

/* ACK with the data 01 02 03, checksum as in RFC 1071 */
static const guint8 pdu_octets[]
    = { 0x40, 0x00, 0x00, 0x12, 0x00, 0x01, 0x00, 0x02, 0x00, 0x03, 0x00,
        0x05, 0x00, 0x06, 0x00, 0x07, 0xBB, 0xD3, 0x01, 0x02, 0x03 };

/* (transfer full): hexadecimal of all frames */
static char *
spoil_frames (SimHostility *hostility, guint *n_bad_frames)
{
  g_autoptr (GBytes) frame = g_bytes_new_static (frame_octets, sizeof frame_octets);
  GString *all = g_string_new (NULL);

  *n_bad_frames = 0;
  for (guint i = 0; i < N_MESSAGES; i++)
    {
      guint late_ms;
      g_autoptr (GBytes) spoilt = sim_hostile_frame_spoil (hostility, frame, &late_ms);
      SimQmuxStream stream;
      SimQmiMessage message;
      g_autoptr (GBytes) first = NULL;

      if (spoilt == NULL)
        continue;
      ea_span_append_hex (ea_span_from_bytes (spoilt), all);
      sim_qmux_stream_init (&stream);
      sim_qmux_stream_push (&stream, ea_span_from_bytes (spoilt));
      first = sim_qmux_stream_pull (&stream);
      if (first == NULL || !sim_qmux_parse (&message, ea_span_from_bytes (first), NULL))
        (*n_bad_frames)++;
      sim_qmux_stream_clear (&stream);
    }
  return g_string_free (all, FALSE);
}

static void
test_a_seed_spoils_frames_in_its_own_way (void **state)
{
  SimHostility hostility = { 0 };
  g_autofree char *once = NULL;
  g_autofree char *again = NULL;
  g_autofree char *other = NULL;
  guint n_bad_frames;

  sim_hostility_begin (&hostility, 7, 100, SIM_HOSTILE_ALL);
  once = spoil_frames (&hostility, &n_bad_frames);
  sim_hostility_begin (&hostility, 7, 100, SIM_HOSTILE_ALL);
  again = spoil_frames (&hostility, &n_bad_frames);
  sim_hostility_begin (&hostility, 8, 100, SIM_HOSTILE_ALL);
  other = spoil_frames (&hostility, &n_bad_frames);

  assert_string_equal (once, again);
  assert_string_not_equal (once, other);
  sim_hostility_end (&hostility);
}

static void
test_frames_are_spoilt_in_each_way_and_seldom_as_frames (void **state)
{
  SimHostility hostility = { 0 };
  g_autofree char *all = NULL;
  guint n_bad_frames;

  sim_hostility_begin (&hostility, 1, 100, SIM_HOSTILE_ALL);
  all = spoil_frames (&hostility, &n_bad_frames);

  for (guint i = SIM_HOSTILE_QMI_TWICE; i <= SIM_HOSTILE_QMI_FRAMING; i++)
    assert_int_not_equal (hostility.counts[i], 0);
  assert_in_range (n_bad_frames, 1, FRAMING_MAX);
  sim_hostility_end (&hostility);
}

static void
test_answers_and_datagrams_are_spoilt_in_each_way (void **state)
{
  SimHostility hostility = { 0 };
  g_autoptr (SimHttpAnswer) answer = sim_http_answer_new (200, EA_SPAN_OF_ARRAY (pdu_octets), 0);
  g_autoptr (GByteArray) records = g_byte_array_new ();

  sim_hostility_begin (&hostility, 1, 100, SIM_HOSTILE_ALL);
  for (guint i = 0; i < N_MESSAGES; i++)
    {
      g_auto (SimSmsrSpoilt) spoilt = { 0 };
      gboolean is_twice;

      g_bytes_unref (sim_hostile_pdu_spoil (&hostility, EA_SPAN_OF_ARRAY (pdu_octets), &is_twice));
      g_bytes_unref (sim_hostile_dns_spoil (&hostility, EA_SPAN_OF_ARRAY (frame_octets)));
      sim_hostile_answer_spoil (&hostility, &spoilt, answer, &sim_http_style_default);
      g_byte_array_set_size (records, 100);
      (void) sim_hostile_stream_spoil (&hostility, records); /* each has a count */
    }

  for (guint i = SIM_HOSTILE_HTTP_STATUS; i < SIM_HOSTILE_KINDS; i++)
    assert_int_not_equal (hostility.counts[i], 0);
  sim_hostility_end (&hostility);
}

static void
test_hostile_modem_says_what_it_has_spoilt (void **state)
{
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);
  guint8 client = test_host_allocate (host, SIM_SERVICE_DMS);
  g_autofree char *reply = NULL;

  test_host_expect (host, SIM_QMI_OK, SIM_SERVICE_DMS, client, DMS_GET_IDS, "");
  test_host_control (host, "hostile off", "ok");
  test_host_control (host, "hostile 1 100 qmi", "ok");
  for (guint i = 0; i < 100; i++)
    test_host_send (host, SIM_SERVICE_DMS, client, DMS_GET_IDS, "");
  (void) test_host_has (host, SIM_QMI_RESPONSE, SIM_SERVICE_DMS, DMS_GET_IDS);
  test_host_command (host, "hostile off");
  reply = test_host_wait_reply (host);

  assert_non_null (strstr (reply, "ok qmi-"));
  test_host_free (host);
}

static void
test_words_that_are_wrong_change_nothing (void **state)
{
  static const char *const lines[] = { "hostile", "hostile 1", "hostile 1 101", "hostile 1 5 usb" };
  TestHost *host = test_host_new (SIM_GRANT_HOST, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    test_host_control (host, lines[i],
                       "error usage: hostile off|{SEED PERCENT [qmi|card|https|cat-tp|dns...]}");
  (void) test_host_allocate (host, SIM_SERVICE_DMS);
  test_host_free (host);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_a_seed_spoils_frames_in_its_own_way),
    cmocka_unit_test (test_frames_are_spoilt_in_each_way_and_seldom_as_frames),
    cmocka_unit_test (test_answers_and_datagrams_are_spoilt_in_each_way),
    cmocka_unit_test (test_hostile_modem_says_what_it_has_spoilt),
    cmocka_unit_test (test_words_that_are_wrong_change_nothing),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
