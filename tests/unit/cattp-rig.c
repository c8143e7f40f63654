/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cattp-rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "helpers.h"

#define START_US (1000 * G_USEC_PER_SEC)
#define HEADER_SIZE 18
#define SIZES "0578080000"

static const guint8 eid[] = { 0x89, 0x00, 0x10, 0x12, 0x01, 0x23, 0x41, 0x23,
                              0x40, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x24 };

EaCattpParameters
make_parameters (void)
{
  return (EaCattpParameters){ .source_port = OUR_PORT,
                              .destination_port = PEER_PORT,
                              .initial_sequence = OUR_NUMBER,
                              .max_pdu = 1400,
                              .max_sdu = 2048,
                              .window = 10,
                              .identification = EA_SPAN_OF_ARRAY (eid) };
}

CattpRig
rig_begin_active (const EaCattpParameters *parameters)
{
  return (CattpRig){ .machine = ea_cattp_new_active (parameters, START_US), .now_us = START_US };
}

CattpRig
rig_begin_passive (const EaCattpParameters *parameters)
{
  EaCattpParameters passive = *parameters;

  passive.identification = EA_SPAN_EMPTY;
  return (CattpRig){ .machine = ea_cattp_new_passive (&passive), .now_us = START_US };
}

CattpRig
rig_open_with (const EaCattpParameters *parameters, guint16 window)
{
  CattpRig rig = rig_begin_active (parameters);

  assert_int_equal (rig_drop (&rig), 1);
  rig_hears_window (&rig, SYN | ACK, PEER_NUMBER, parameters->initial_sequence, window, SIZES, "");
  rig_tells (&rig, EA_CATTP_EVENT_OPENED);
  assert_int_equal (rig_drop (&rig), 1);
  /* it is heard of, so that its ACK is not said again */
  rig_hears_window (&rig, ACK, PEER_NUMBER + 1, parameters->initial_sequence, window, "", "");
  rig_says_nothing (&rig);
  return rig;
}

CattpRig
rig_open (void)
{
  EaCattpParameters parameters = make_parameters ();

  return rig_open_with (&parameters, 10);
}

CattpRig
rig_open_passive (void)
{
  EaCattpParameters parameters = make_parameters ();
  CattpRig rig = rig_begin_passive (&parameters);

  rig_hears (&rig, SYN, PEER_NUMBER, 0, SIZES, "");
  assert_int_equal (rig_drop (&rig), 1);
  rig_hears (&rig, ACK, PEER_NUMBER + 1, OUR_NUMBER, "", "");
  rig_tells (&rig, EA_CATTP_EVENT_OPENED);
  rig_says_nothing (&rig);
  return rig;
}

void
rig_clear (CattpRig *rig)
{
  g_clear_pointer (&rig->machine, ea_cattp_free);
}

static void
put_u16 (GByteArray *octets, guint16 value)
{
  const guint8 pair[] = { (guint8) (value >> 8), (guint8) value };

  g_byte_array_append (octets, pair, sizeof pair);
}

static void
put_checksum (GByteArray *octets)
{
  guint32 sum = 0;

  for (guint i = 0; i < octets->len; i++)
    sum += (guint32) octets->data[i] << (i % 2 == 0 ? 8 : 0);
  sum = (sum & 0xFFFF) + (sum >> 16);
  sum = ~((sum & 0xFFFF) + (sum >> 16));
  octets->data[16] = (guint8) (sum >> 8);
  octets->data[17] = (guint8) sum;
}

GBytes *
make_pdu (guint8 flags, guint16 from, guint16 to, guint16 number, guint16 acknowledged,
          guint16 window, const char *area, const char *data)
{
  g_autoptr (GBytes) area_bytes = bytes_of (area);
  g_autoptr (GBytes) data_bytes = bytes_of (data);
  GByteArray *octets = g_byte_array_new ();

  put_u16 (octets, (guint16) (flags << 8));
  put_u16 (octets, (guint16) (HEADER_SIZE + g_bytes_get_size (area_bytes)));
  put_u16 (octets, from);
  put_u16 (octets, to);
  put_u16 (octets, (guint16) g_bytes_get_size (data_bytes));
  put_u16 (octets, number);
  put_u16 (octets, acknowledged);
  put_u16 (octets, window);
  put_u16 (octets, 0);
  g_byte_array_append (octets, g_bytes_get_data (area_bytes, NULL),
                       (guint) g_bytes_get_size (area_bytes));
  g_byte_array_append (octets, g_bytes_get_data (data_bytes, NULL),
                       (guint) g_bytes_get_size (data_bytes));
  put_checksum (octets);
  return g_byte_array_free_to_bytes (octets);
}

void
rig_hears_hex (CattpRig *rig, const char *hex)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);

  ea_cattp_receive (rig->machine, ea_span_from_bytes (bytes), rig->now_us);
}

void
rig_hears_window (CattpRig *rig, guint8 flags, guint16 number, guint16 acknowledged, guint16 window,
                  const char *area, const char *data)
{
  g_autoptr (GBytes) bytes
      = make_pdu (flags, PEER_PORT, OUR_PORT, number, acknowledged, window, area, data);

  ea_cattp_receive (rig->machine, ea_span_from_bytes (bytes), rig->now_us);
}

void
rig_hears (CattpRig *rig, guint8 flags, guint16 number, guint16 acknowledged, const char *area,
           const char *data)
{
  rig_hears_window (rig, flags, number, acknowledged, 10, area, data);
}

void
rig_says_hex (CattpRig *rig, const char *hex)
{
  g_autoptr (GBytes) pdu = ea_cattp_pull_pdu (rig->machine, rig->now_us);

  assert_bytes_are (pdu, hex);
}

void
rig_says_window (CattpRig *rig, guint8 flags, guint16 number, guint16 acknowledged, guint16 window,
                 const char *area, const char *data)
{
  g_autoptr (GBytes) expected
      = make_pdu (flags, OUR_PORT, PEER_PORT, number, acknowledged, window, area, data);
  g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (expected));

  rig_says_hex (rig, hex);
}

void
rig_says (CattpRig *rig, guint8 flags, guint16 number, guint16 acknowledged, const char *area,
          const char *data)
{
  rig_says_window (rig, flags, number, acknowledged, (flags & RST) != 0 ? 0 : 10, area, data);
}

void
rig_says_nothing (CattpRig *rig)
{
  g_autoptr (GBytes) pdu = ea_cattp_pull_pdu (rig->machine, rig->now_us);

  assert_null (pdu);
}

guint
rig_drop (CattpRig *rig)
{
  guint n_dropped = 0;
  GBytes *pdu;

  while ((pdu = ea_cattp_pull_pdu (rig->machine, rig->now_us)) != NULL)
    {
      g_bytes_unref (pdu);
      n_dropped++;
    }
  return n_dropped;
}

void
rig_pass (CattpRig *rig, gint64 time_us)
{
  gint64 end_us = rig->now_us + time_us;

  while (ea_cattp_deadline (rig->machine) <= end_us)
    {
      gint64 before_us = ea_cattp_deadline (rig->machine);

      rig->now_us = MAX (rig->now_us, before_us);
      ea_cattp_tick (rig->machine, rig->now_us);
      if (ea_cattp_deadline (rig->machine) <= before_us)
        break; /* what is due has to be pulled */
    }
  rig->now_us = end_us;
}

gint64
rig_pass_deadline (CattpRig *rig)
{
  gint64 time_us = ea_cattp_deadline (rig->machine) - rig->now_us;

  assert_int_not_equal (ea_cattp_deadline (rig->machine), EA_CATTP_NEVER);
  assert_true (time_us > 0);
  rig->now_us += time_us - 1;
  ea_cattp_tick (rig->machine, rig->now_us);
  rig_says_nothing (rig);
  rig->now_us++;
  ea_cattp_tick (rig->machine, rig->now_us);
  return time_us;
}

void
rig_send (CattpRig *rig, const char *hex)
{
  g_autoptr (GBytes) sdu = bytes_of (hex);
  g_autoptr (GError) error = NULL;

  assert_true (ea_cattp_send (rig->machine, sdu, rig->now_us, &error));
  assert_null (error);
}

void
rig_send_zeros (CattpRig *rig, gsize size)
{
  g_autoptr (GBytes) sdu = g_bytes_new_take (g_malloc0 (size), size);

  assert_true (ea_cattp_send (rig->machine, sdu, rig->now_us, NULL));
}

void
rig_tells (CattpRig *rig, EaCattpEventType type)
{
  g_auto (EaCattpEvent) event = { 0 };

  assert_true (ea_cattp_pull_event (rig->machine, &event));
  assert_int_equal (event.type, type);
}

void
rig_tells_sdu (CattpRig *rig, const char *hex)
{
  g_auto (EaCattpEvent) event = { 0 };

  assert_true (ea_cattp_pull_event (rig->machine, &event));
  assert_int_equal (event.type, EA_CATTP_EVENT_SDU);
  assert_bytes_are (event.bytes, hex);
}

void
rig_tells_closed (CattpRig *rig, EaCattpCause cause, guint8 reason)
{
  g_auto (EaCattpEvent) event = { 0 };

  assert_true (ea_cattp_pull_event (rig->machine, &event));
  assert_int_equal (event.type, EA_CATTP_EVENT_CLOSED);
  assert_int_equal (event.cause, cause);
  assert_int_equal (event.reason, reason);
  rig_tells_nothing (rig);
}

void
rig_tells_nothing (CattpRig *rig)
{
  g_auto (EaCattpEvent) event = { 0 };

  assert_false (ea_cattp_pull_event (rig->machine, &event));
}

EaCattpState
rig_get_state (const CattpRig *rig)
{
  return ea_cattp_get_state (rig->machine);
}

guint64
rig_count_discarded (const CattpRig *rig, EaCattpDiscard why)
{
  return ea_cattp_get_counters (rig->machine).n_discarded[why];
}
